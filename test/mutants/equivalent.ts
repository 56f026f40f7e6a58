/** Mutants of src/decide that do the same as what they replace: why, by their key (`npm run mutants -- --list`). */
export const equivalent: Readonly<Record<string, string>> = {};
