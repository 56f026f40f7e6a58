/** The actions of a round, as data and as text. A failed round prints the text, and `--do` takes it. */

/** The faults of `--faults classic`. */
const classicKinds = [
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

/** The other faults of `--faults all`. */
export const newKinds = [
  "slow-commands",
  "write-script",
  "expire-keys",
  "slow-link",
  "block-vrrp",
  "block-vrrp-one-way",
  "wrong-masterauth",
  "wrong-password",
  "pause-host",
  "cold-start",
  "crash-last-node",
  "planned-move",
] as const;

export const kinds = [...classicKinds, ...newKinds] as const;

export type Kind = (typeof kinds)[number];

/** The node by its role at the start of the round, so that a round does not depend on the rounds before it. */
export type Target = "master" | "replica";

export interface Action {
  /** Milliseconds after the round's start. */
  at_ms: number;
  kind: Kind;
  target: Target;
  /**
   * How long the fault lasts; for a restart, how long the server is down; for kill-hook, the age at which the hook is killed; for
   * expire-keys, the longest time to live. 0: until the repair at the end of the round, or without a pause.
   */
  for_ms: number;
}

/** What is repaired at the end of a round, in the order of the plan. */
export type Component = "network" | "redis" | "keepalived";

export interface RoundPlan {
  actions: readonly Action[];
  /** Milliseconds after the round's start. */
  heal_at_ms: number;
  healing: readonly Component[];
}

/** `@120 kill-redis master; @130 cut-link replica for 900; heal @2000 redis,network,keepalived` */
export function planInWords({ actions, heal_at_ms, healing }: RoundPlan): string {
  const words = actions.map(
    ({ at_ms, kind, target, for_ms }) => `@${at_ms} ${kind} ${target}${for_ms > 0 ? ` for ${for_ms}` : ""}`,
  );
  return [...words, `heal @${heal_at_ms} ${healing.join(",")}`].join("; ");
}

export function planOfWords(words: string): RoundPlan {
  const actions: Action[] = [];
  let heal: Pick<RoundPlan, "heal_at_ms" | "healing"> | undefined;
  for (const part of words.split(";").map((one) => one.trim())) {
    const [, healAt, healing = ""] = /^heal @(\d+) ([a-z,]+)$/.exec(part) ?? [];
    const [, at, kind, target, lasting = "0"] = /^@(\d+) ([a-z-]+) (master|replica)(?: for (\d+))?$/.exec(part) ?? [];
    if (healAt !== undefined) heal = { heal_at_ms: Number(healAt), healing: healing.split(",") as Component[] };
    else if (at !== undefined && (kinds as readonly string[]).includes(kind ?? "")) {
      actions.push({ at_ms: Number(at), kind: kind as Kind, target: target as Target, for_ms: Number(lasting) });
    } else throw new Error(`can't read "${part}"; a plan looks like this: @0 kill-redis master; heal @1500 redis`);
  }
  const last = Math.max(0, ...actions.map(({ at_ms }) => at_ms));
  return { actions, heal_at_ms: last + 2000, healing: ["network", "redis", "keepalived"], ...heal };
}
