/** Aborted at the first SIGTERM or SIGINT, with the name of the signal as its reason. */
export function terminationSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => controller.abort(signal));
  return controller.signal;
}
