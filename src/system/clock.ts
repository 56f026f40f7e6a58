/** Seconds since boot (CLOCK_MONOTONIC), the same for every process on this host. */
export const uptime_s = (): number => Number(process.hrtime.bigint()) / 1e9;

/** The same in milliseconds. Not `performance.now()`, whose first call loads perf_hooks: a millisecond of each monitor run. */
export const monotonic_ms = (): number => Number(process.hrtime.bigint()) / 1e6;
