import assert from "node:assert/strict";
import { it } from "node:test";
import { partsOfHistory } from "../../../src/decide/backlogs.ts";
import type { Observed } from "../../../src/model/observation.ts";

/** A server with its backlog from one offset to another. */
const server = (name: string, backlogFrom: number | undefined, offset: number, id = "a") => ({
  name,
  seen: { history: { id, offset }, backlogFrom } as Observed,
});
type Server = ReturnType<typeof server>;

const cases: [name: string, master: Server, replicas: Server[], after: number, expected: string | undefined][] = [
  ["the master has all", server("m", 1, 90), [server("r", 1, 90)], 20, "m to Infinity"],
  ["the first byte after the offset is enough", server("m", 21, 90), [], 20, "m to Infinity"],
  ["a replica reaches further back", server("m", 50, 90), [server("r", 1, 80)], 20, "r to 80, m to Infinity"],
  [
    "the master goes on right after the replica",
    server("m", 81, 90),
    [server("r", 21, 80)],
    20,
    "r to 80, m to Infinity",
  ],
  ["a byte is between them", server("m", 82, 90), [server("r", 1, 80)], 20, undefined],
  ["the replica does not reach back either", server("m", 50, 90), [server("r", 22, 80)], 20, undefined],
  ["the replica has another history", server("m", 50, 90), [server("r", 1, 80, "b")], 20, undefined],
  ["the second replica", server("m", 50, 90), [server("r", 40, 80), server("s", 1, 70)], 20, "s to 70, m to Infinity"],
  ["no backlog at all", server("m", undefined, 90), [server("r", undefined, 80)], 20, undefined],
];

for (const [name, master, replicas, after, expected] of cases)
  it(`where the history is read: ${name}`, () => {
    const parts = partsOfHistory(master, replicas, after);
    assert.equal(parts?.map(({ from, until }) => `${from.name} to ${until}`).join(", "), expected);
  });
