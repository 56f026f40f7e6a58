import type { Kind, newKinds } from "./plan.ts";

/** The relative frequency of each fault. The seeds of `--faults classic` depend on the order and the numbers. */
const classic: Readonly<Record<Exclude<Kind, (typeof newKinds)[number]>, number>> = {
  "kill-redis": 10,
  "hang-redis": 7,
  "sleep-redis": 3,
  "slow-network": 3,
  "restart-redis": 4,
  "restart-redis-killed": 6,
  "restart-redis-old": 6,
  "restart-redis-empty": 7,
  "cut-link": 8,
  "cut-link-one-way": 6,
  "cut-off": 6,
  "cut-off-silently": 7,
  "cut-from-client": 2,
  "stop-keepalived": 4,
  "kill-keepalived": 4,
  "hang-keepalived": 4,
  "reload-keepalived": 3,
  "kill-hook": 8,
  "fill-disk": 5,
  drain: 6,
  "power-off": 5,
  "kill-agent": 0,
  "hang-agent": 0,
};

const added: Readonly<Record<(typeof newKinds)[number], number>> = {
  "slow-commands": 9,
  "write-script": 8,
  "expire-keys": 9,
  "slow-link": 9,
  "block-vrrp": 6,
  "block-vrrp-one-way": 6,
  "wrong-masterauth": 7,
  "wrong-password": 7,
  "pause-host": 8,
  "cold-start": 5,
  "crash-last-node": 7,
  "planned-move": 15,
};

const ofAgents = { "kill-agent": 7, "hang-agent": 7 } as const;

export interface FaultSet {
  /** classic: the faults of the first version, in the same order for the same seed. */
  faults: "classic" | "all";
  withAgents: boolean;
  /** Only these kinds. */
  only?: readonly Kind[] | undefined;
}

export function weightsOf({ faults, withAgents, only }: FaultSet): Partial<Record<Kind, number>> {
  const set = { ...classic, ...(withAgents ? ofAgents : {}), ...(faults === "all" ? added : {}) };
  if (!only) return set;
  return Object.fromEntries(only.map((kind) => [kind, set[kind as keyof typeof set] || 1]));
}
