export interface Span {
  start_ms: number;
  end_ms: number;
}

/** One look at something: true when it was so at some moment between asking and the answer. */
export interface Sighting {
  so: boolean;
  asked_ms: number;
  answered_ms: number;
}

/** When it was surely so: what lies between a look that saw it and one that didn't is never counted. */
export function surely(looks: Iterable<Sighting>): Span[] {
  const spans: Span[] = [];
  let span: Span | undefined;
  for (const { so, asked_ms, answered_ms } of looks) {
    if (!so) span = undefined;
    else if (span) span.end_ms = asked_ms;
    else {
      span = { start_ms: answered_ms, end_ms: answered_ms };
      spans.push(span);
    }
  }
  return spans.filter(({ start_ms, end_ms }) => end_ms > start_ms);
}

export function joined(spans: readonly Span[]): Span[] {
  const result: Span[] = [];
  for (const { start_ms, end_ms } of [...spans].sort((one, other) => one.start_ms - other.start_ms)) {
    const last = result.at(-1);
    if (last && start_ms <= last.end_ms) last.end_ms = Math.max(last.end_ms, end_ms);
    else result.push({ start_ms, end_ms });
  }
  return result;
}

export const both = (some: readonly Span[], others: readonly Span[]): Span[] =>
  some.flatMap((one) =>
    others
      .map((other) => ({
        start_ms: Math.max(one.start_ms, other.start_ms),
        end_ms: Math.min(one.end_ms, other.end_ms),
      }))
      .filter(({ start_ms, end_ms }) => end_ms > start_ms),
  );
