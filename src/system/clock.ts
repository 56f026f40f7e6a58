/** Seconds since boot (CLOCK_MONOTONIC), the same for every process on this host. */
export const uptime_s = (): number => Number(process.hrtime.bigint()) / 1e9;
