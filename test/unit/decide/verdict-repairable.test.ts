import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { repairOf } from "../../../src/decide/repair.ts";
import { ownVerdict } from "../../../src/decide/verdict.ts";
import { verdictWithPeers } from "../../../src/decide/verdict-with-peers.ts";
import type { Situation } from "../../../src/model/situation.ts";
import { at, blank, down, gone, master, notNotable, refusing, replica, situation } from "./situations.ts";

/** Some hook would put this right, once the cause has stood for a while. */
const repairs = (cause: string): boolean =>
  repairOf({ cause, lasting_s: 1, vrrp: "BACKUP", holdsVip: false, atWork: false, keepalivedRuns: () => true }) !==
  undefined;

const holder = { holdsVip: true };
const loading = { loading: { eta_s: 3 } };
const misconf = { refusesWrites: "MISCONF" };
const unsynced = { link: { link: "down", positioned: false, syncing: true } } as const;
const parked = replica("127.0.0.1", at(100), { link: { port: 1, link: "down" } });

describe("causes that a hook would put right", () => {
  /** The cause of the monitor's verdict in this situation. */
  function causeOf(
    facts: Situation,
    known: { isolated?: boolean; restarted?: boolean; wasMaster?: boolean; lasting?: number } = {},
  ): string {
    const { lasting = 0, ...rest } = known;
    const { seen, holdsVip } = facts.node;
    const found = ownVerdict({ ...notNotable, ...rest, seen, holdsVip, lasting: () => lasting });
    return "soft" in found ? verdictWithPeers(found.soft, found.detail, facts).cause : found.cause;
  }
  const inSync = { server12: replica("server11", at(100)) };
  const alone = { server12: gone };
  const copying = replica("server12", at(90), { link: { ...unsynced.link, silentFor_s: 5 } });

  const cases: [string, boolean, string][] = [
    [
      "a fence that ends by itself, and must not while we are cut off",
      true,
      causeOf(situation(master(at(1)), alone, holder), { isolated: true }),
    ],
    ["a link that broke", true, causeOf(situation(replica("server12", at(9), down), alone))],
    ["a server that is parked", true, causeOf(situation(parked, alone))],
    [
      "a link that doesn't come back",
      true,
      causeOf(situation(replica("server12", at(9), down), alone), { lasting: 2 }),
    ],
    ["a master that lacks the virtual IP", true, causeOf(situation(master(at(9)), alone))],
    ["a holder that is a replica", true, causeOf(situation(replica("server12", at(9)), alone, holder))],
    [
      "a holder that stays a replica",
      true,
      causeOf(situation(replica("server12", at(9)), alone, holder), { lasting: 3 }),
    ],
    ["a full copy that has stalled", true, causeOf(situation(copying, { server12: master(at(100)) }))],
    ["two masters", true, causeOf(situation(master(at(9)), { server12: master(at(9, "x")) }, holder))],
    [
      "a master without a replica that takes no snapshots",
      true,
      causeOf(situation(master(at(9)), alone, { ...holder, snapshotsOff: true })),
    ],
    [
      "a holder whose Redis was restarted and is parked, and nobody else is master",
      true,
      causeOf(situation(parked, alone, holder), { wasMaster: true }),
    ],
    [
      "a holder whose role was taken: the virtual IP goes to the master",
      false,
      causeOf(situation(replica("server12", at(9)), { server12: master(at(9)) }, holder), { wasMaster: true }),
    ],
    ["a dead Redis: a person starts it", false, causeOf(situation(gone, inSync, holder))],
    ["a Redis that refuses us", false, causeOf(situation(refusing("password"), inSync, holder))],
    ["one that a script blocks", false, causeOf(situation(refusing("busy"), inSync, holder), { lasting: 9 })],
    ["one that is loading", false, causeOf(situation(master(at(0), loading), inSync, holder))],
    ["one that refuses writes", false, causeOf(situation(master(at(9), misconf), inSync, holder))],
    ["one that was restarted", false, causeOf(situation(master(at(9)), inSync, holder), { restarted: true })],
    ["data that is not known to be complete", false, causeOf(situation(blank("server12"), alone))],
    ["nothing, at a master", false, causeOf(situation(master(at(100)), inSync, holder))],
    ["nothing, at a replica", false, causeOf(situation(replica("server12", at(100)), { server12: master(at(100)) }))],
  ];
  for (const [name, expected, cause] of cases) {
    it(`${name} (${cause}): ${expected ? "yes" : "no"}`, () => assert.equal(repairs(cause), expected));
  }
});
