/** Waits until `condition` returns something true. The default deadline is much longer than any condition should need. */
export async function eventually<T>(condition: () => Promise<T>, deadline_ms = 15_000): Promise<T> {
  const end = Date.now() + deadline_ms;
  for (;;) {
    const result = await condition();
    if (result) return result;
    if (Date.now() > end) throw new Error(`not within ${deadline_ms} ms: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
