import type { Run } from "../act/run.ts";

/** All that a transition, a look or a change of role needs, besides being told when to stop. */
export type Ground = Omit<Run, "proceed">;
