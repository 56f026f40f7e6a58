/** The result, or after the deadline `late`. Never rejects later. */
export async function within<T>(deadline_ms: number, work: Promise<T>, late: T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<T>((resolve) => {
    timer = setTimeout(() => resolve(late), deadline_ms);
  });
  return Promise.race([work, deadline]).finally(() => clearTimeout(timer));
}
