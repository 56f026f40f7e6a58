import { decide } from "../../../src/decide/transition.ts";
import type { Plan } from "../../../src/model/plan.ts";
import type { Situation } from "../../../src/model/situation.ts";
import type { Transition } from "../../../src/model/transition.ts";

/**
 * A plan of server11, short enough to be read in a table: its steps, then `...` for another look and `!` for a refusal. A
 * quarantine names the bytes at stake, `?` if the histories can't be compared.
 */
export function inWords({ steps, again, refusal }: Plan): string {
  const words = steps.map((step) => {
    const where = "at" in step && step.at && step.at.name !== "server11" ? ` at ${step.at.name}` : "";
    if (step.do === "follow") return `follow ${step.source.name}${where}`;
    if (step.do === "quarantine") return `quarantine ${step.bytes ?? "?"}`;
    if (step.do === "hand-over") return `hand-over from ${step.from.name}`;
    if (step.do === "persist") return `persist ${step.on ? "on" : "off"}${where}`;
    if (step.do === "fence") return `fence ${step.seconds} s${where}`;
    return `${step.do}${where}`;
  });
  return [...words, ...(again ? ["..."] : []), ...(refusal ? ["!"] : [])].join(", ");
}

export const planned = (transition: Transition, facts: Situation): string => inWords(decide(transition, facts));
