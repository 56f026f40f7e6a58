/** What is done in a round, as data and as text: the text is what a failure prints and what `--do` takes. */

export const kinds = [
  "kill-redis",
  "hang-redis",
  "sleep-redis",
  "slow-network",
  "restart-redis",
  "restart-redis-killed",
  "restart-redis-old",
  "restart-redis-empty",
  "cut-link",
  "cut-link-one-way",
  "cut-off",
  "cut-off-silently",
  "cut-from-client",
  "stop-keepalived",
  "kill-keepalived",
  "hang-keepalived",
  "reload-keepalived",
  "kill-hook",
  "fill-disk",
  "drain",
  "power-off",
  "kill-agent",
  "hang-agent",
] as const;

export type Kind = (typeof kinds)[number];

/** Whom it strikes, by the roles at the round's start, so that a round means the same whatever came before it. */
export type Whom = "master" | "replica";

export interface Action {
  /** Milliseconds after the round's start. */
  at_ms: number;
  kind: Kind;
  whom: Whom;
  /**
   * How long it lasts before it is undone, or, for a restart, how long the server is down; for kill-hook how old the
   * hook gets. 0: until the round heals, or no pause at all.
   */
  for_ms: number;
}

/** What stands still at the end of a round is set right again in this order. */
export type Part = "network" | "redis" | "keepalived";

export interface RoundPlan {
  actions: readonly Action[];
  /** Milliseconds after the round's start. */
  heal_at_ms: number;
  healing: readonly Part[];
}

/** `@120 kill-redis master; @130 cut-link replica for 900; heal @2000 redis,network,keepalived` */
export function planInWords({ actions, heal_at_ms, healing }: RoundPlan): string {
  const words = actions.map(
    ({ at_ms, kind, whom, for_ms }) => `@${at_ms} ${kind} ${whom}${for_ms > 0 ? ` for ${for_ms}` : ""}`,
  );
  return [...words, `heal @${heal_at_ms} ${healing.join(",")}`].join("; ");
}

export function planOfWords(words: string): RoundPlan {
  const actions: Action[] = [];
  let heal: Pick<RoundPlan, "heal_at_ms" | "healing"> | undefined;
  for (const part of words.split(";").map((one) => one.trim())) {
    const [, healAt, healing = ""] = /^heal @(\d+) ([a-z,]+)$/.exec(part) ?? [];
    const [, at, kind, whom, lasting = "0"] = /^@(\d+) ([a-z-]+) (master|replica)(?: for (\d+))?$/.exec(part) ?? [];
    if (healAt !== undefined) heal = { heal_at_ms: Number(healAt), healing: healing.split(",") as Part[] };
    else if (at !== undefined && (kinds as readonly string[]).includes(kind ?? "")) {
      actions.push({ at_ms: Number(at), kind: kind as Kind, whom: whom as Whom, for_ms: Number(lasting) });
    } else throw new Error(`can't read "${part}"; a plan looks like this: @0 kill-redis master; heal @1500 redis`);
  }
  const last = Math.max(0, ...actions.map(({ at_ms }) => at_ms));
  return { actions, heal_at_ms: last + 2000, healing: ["network", "redis", "keepalived"], ...heal };
}
