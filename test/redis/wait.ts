/** Waits until `look` gives something true; fails after a time that only a broken program needs. */
export async function eventually<T>(look: () => Promise<T>, patience_ms = 15_000): Promise<T> {
  const end = Date.now() + patience_ms;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`not within ${patience_ms} ms: ${look}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
