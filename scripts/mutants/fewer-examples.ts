import fc from "fast-check";

// In a bundle of tests that is run once for each mutant this stands for fast-check: the same examples every time, or a
// mutant would die on one day and live on another, and a fifth of them, which takes a fifth of the time.

fc.configureGlobal({ seed: 1, endOnFailure: true });

const assert = ((property: fc.IProperty<unknown>, parameters?: fc.Parameters<unknown>) =>
  fc.assert(property, { ...parameters, numRuns: Math.ceil((parameters?.numRuns ?? 100) / 5) })) as typeof fc.assert;

export default { ...fc, assert };
