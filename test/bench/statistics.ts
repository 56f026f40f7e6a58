export interface Summary {
  runs: number;
  median: number;
  /** By nearest rank: with fewer than 100 runs it is the maximum. */
  p99: number;
  max: number;
}

/** NaN everywhere for no runs at all. */
export function summarise(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  return { runs: sorted.length, median: (rank(0.5) + upper) / 2, p99: rank(0.99), max: rank(1) };
}
