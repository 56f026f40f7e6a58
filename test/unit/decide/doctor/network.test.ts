import assert from "node:assert/strict";
import { it } from "node:test";
import type { Advert, DoctorFacts } from "../../../../src/model/doctor.ts";
import type { DoctorReport } from "../../../../src/model/doctor-report.ts";
import { found, lines, nodeOf, reportOf } from "./facts.ts";

const ours = (from: string): Advert => ({ from, router_id: 51 });

/** Who has the virtual IP: server11, on which `doctor` runs, or server12. What was heard. */
const heard =
  (holders: { server11: boolean; server12: boolean }, adverts: Advert[]) =>
  (facts: DoctorFacts): void => {
    nodeOf(facts, 0).holder = { value: holders.server11 };
    nodeOf(facts, 1).holder = { value: holders.server12 };
    facts.network.adverts = { value: adverts };
  };

const at12 = { server11: false, server12: true };
const noAdvert = "danger server11: no VRRP advert of server12, which has the virtual IP, arrived on eth0";

it("the advert of a stranger, or of this host, is none of the holder", () => {
  assert.deepEqual(found("vrrp", heard(at12, [ours("192.0.2.12")])), []);
  for (const adverts of [[], [ours("192.0.2.50")], [ours("192.0.2.11")], [{ from: "192.0.2.12", router_id: 7 }]])
    assert.deepEqual(found("vrrp", heard(at12, adverts)), [noAdvert]);
});

it("a node that hears a peer needs not know who has the virtual IP", () => {
  const nobody = { server11: false, server12: false };
  assert.deepEqual(reportOf("vrrp", heard(nobody, [ours("192.0.2.12")])).not_known, []);
  assert.deepEqual(
    reportOf("vrrp", heard(nobody, [])).not_known.map(({ not_known }) => not_known),
    ["no advert was heard, and who has the virtual IP is not known"],
  );
});

it("the holder hears no advert, as it should be", () => {
  const { findings, not_known } = reportOf("vrrp", heard({ server11: true, server12: false }, []));
  assert.deepEqual(findings, []);
  assert.deepEqual(
    not_known.map(({ not_known }) => not_known),
    ["server11 has the virtual IP, and only its holder sends: run doctor on another node"],
  );
});

it("two holders do not hear each other, whichever nodes they are", () => {
  const both = "have the virtual IP at the same time";
  const change = heard({ server11: true, server12: true }, [ours("192.0.2.12")]);
  assert.deepEqual(found("vrrp", change), [`danger server11: server11 and server12 ${both}`]);
  const elsewhere = found("vrrp", (facts) => {
    heard(at12, [ours("192.0.2.12")])(facts);
    facts.nodes.push({ ...nodeOf(facts, 1), name: "server13", address: "192.0.2.13" });
  });
  assert.deepEqual(elsewhere, [`danger server11: server12 and server13 ${both}`]);
});

it("names a router id that nobody uses: the lowest one", () => {
  const free = (taken: number[]) =>
    lines("router-id", (facts) => {
      const adverts = taken.map((router_id) => ({ from: "192.0.2.12", router_id }));
      facts.network.adverts = { value: [ours("192.0.2.50"), ...adverts] };
    });
  const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);
  assert.deepEqual(free([]), ["router_id = 1"]);
  assert.deepEqual(free([1, 3]), ["router_id = 2"]);
  assert.deepEqual(free(upTo(50)), ["router_id = 52"]);
  assert.deepEqual(free(upTo(254)), ["router_id = 255"]);
  // There are 255.
  assert.deepEqual(free(upTo(255)), ["router_id = 1"]);
});

it("a stranger is named once, however often it sends", () => {
  const change = (facts: DoctorFacts) => {
    facts.network.adverts = { value: [ours("192.0.2.50"), ours("192.0.2.50"), ours("192.0.2.11"), ours("fe80::1")] };
  };
  assert.deepEqual(found("router-id", change), [
    "danger server11: 192.0.2.50 sends VRRP adverts with router_id 51 on eth0, and is none of the nodes",
  ]);
});

/** Who has the virtual IP as far as is known, and who answers for it besides server11, on which `doctor` runs. */
const answers = (holder: "server11" | "server12" | "unknown", ...nodes: (string | undefined)[]) =>
  reportOf("arp", (facts) => {
    for (const node of facts.nodes)
      node.holder = holder === "unknown" ? { unknown: "not asked" } : { value: node.name === holder };
    facts.network.answers = { value: nodes.map((node, index) => ({ mac: `02:00:00:00:00:0${index}`, node })) };
  });
const whatOf = ({ findings }: DoctorReport) => findings.map(({ what }) => what);

it("on the holder any other answer is wrong, and it is named", () => {
  assert.deepEqual(whatOf(answers("server11")), []);
  const { findings } = answers("server11", "server12");
  assert.deepEqual(
    findings.map(({ severity, on, what, change }) => [severity, on, what, change.line]),
    [
      [
        "danger",
        "server11",
        "server12 answers for 192.0.2.120, which server11 has",
        "ip neigh show | grep -i 02:00:00:00:00:00",
      ],
    ],
  );
  assert.equal(answers("server11", "server12", "server13").findings.length, 2);
});

it("elsewhere one answer is right, and it is that of the holder", () => {
  assert.deepEqual(whatOf(answers("server12", "server12")), []);
  assert.deepEqual(whatOf(answers("server12", "server13")), ["server13 answers for 192.0.2.120, which server12 has"]);
  const { findings } = answers("server12", "server12", "server13");
  assert.deepEqual(
    findings.map(({ what, change }) => [what, change.line]),
    [["server13 answers for 192.0.2.120, which server12 has", "ip neigh show | grep -i 02:00:00:00:00:01"]],
  );
  const silent = answers("server12").findings;
  assert.deepEqual(
    silent.map(({ severity, what, change }) => [severity, what, change.where]),
    [["danger", "nobody answers for 192.0.2.120", "shell on server12"]],
  );
});

it("where the holder is not known one answer is right, whosever it is", () => {
  for (const nodes of [[], ["server12"]]) assert.deepEqual(whatOf(answers("unknown", ...nodes)), []);
  assert.deepEqual(whatOf(answers("unknown", "server12", "server13")), [
    "server12 and server13 both answer for 192.0.2.120",
  ]);
});

it("nobody has the virtual IP, and nobody answers for it", () => {
  const lines = reportOf("arp", (facts) => {
    for (const node of facts.nodes) node.holder = { value: false };
  }).findings.map(({ what, change }) => [what, change.line]);
  assert.deepEqual(lines, [["nobody answers for 192.0.2.120", "status"]]);
});

it("a stranger that answers for the virtual IP is worse than a node that does", () => {
  const stranger = "02:00:00:00:00:01 answers for 192.0.2.120, and is none of the nodes";
  for (const holder of ["server11", "server12", "unknown"] as const)
    assert.deepEqual(whatOf(answers(holder, "server12", undefined)), [stranger]);
  assert.equal(answers("server11", undefined, undefined).findings.length, 2);
});
