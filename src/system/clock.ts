/** Seconds since boot (CLOCK_MONOTONIC), the same for every process on this host. */
export const uptime_s = (): number => Number(process.hrtime.bigint()) / 1e9;

/** The same in milliseconds. The first call of `performance.now()` would load perf_hooks, 1 ms of each monitor run. */
export const monotonic_ms = (): number => Number(process.hrtime.bigint()) / 1e6;
