/**
 * Reads once in a turn of the event loop, for all who ask in it: the timers of fifty cluster agents fire in the same turn, and
 * the host says the same to each of them.
 */
export function oncePerTurn<T>(read: () => T): () => T {
  let known: { value: T } | undefined;
  return () => {
    if (known) return known.value;
    known = { value: read() };
    setImmediate(() => {
      known = undefined;
    });
    return known.value;
  };
}
