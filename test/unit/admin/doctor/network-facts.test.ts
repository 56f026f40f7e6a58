import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { advertsIn, dropsVrrp, macAddressesIn, repliesIn } from "../../../../src/admin/doctor/network-facts.ts";
import { denialsIn } from "../../../../src/admin/doctor/selinux.ts";

describe("what doctor reads of what other programs print", () => {
  it("tcpdump: who sends VRRP adverts", () => {
    const text = `IP 192.0.2.11 > 192.0.2.12: VRRPv3, Advertisement, vrid 51, prio 254, intvl 20cs, length 12
IP 192.0.2.12 > 192.0.2.11: VRRPv3, Advertisement, (ttl 64), vrid 51, prio 253, intvl 20cs, length 12
IP 192.0.2.50 > 224.0.0.18: vrrp 192.0.2.50 > 224.0.0.18: VRRPv2, Advertisement, vrid 7, prio 100, authtype none, intvl 1s, length 20
IP6 fe80::1 > ff02::12: VRRPv3, Advertisement, vrid 51, prio 100, intvl 100cs, length 24
IP 192.0.2.11 > 192.0.2.12: ip-proto-112 12
`;
    assert.deepEqual(advertsIn(text), [
      { from: "192.0.2.11", router_id: 51 },
      { from: "192.0.2.12", router_id: 51 },
      { from: "192.0.2.50", router_id: 7 },
      { from: "fe80::1", router_id: 51 },
    ]);
    assert.deepEqual(advertsIn(""), []);
  });

  it("nft: whether what no rule accepts is dropped, and VRRP is not named", () => {
    const chain = (policy: string, ...rules: string[]) =>
      `table inet filter {\n\tchain input {\n\t\ttype filter hook input priority filter; policy ${policy};\n${rules.map((rule) => `\t\t${rule}\n`).join("")}\t}\n}\n`;
    const peers = ["192.0.2.12"];
    for (const [rules, drops] of [
      ["", false],
      [chain("accept", "tcp dport 22 accept"), false],
      [chain("drop", "tcp dport { 22, 6379 } accept"), true],
      [chain("accept", "tcp dport 22 accept", "reject with icmpx admin-prohibited"), true],
      [chain("accept", "ip saddr 203.0.113.0/24 drop"), false],
      [chain("drop", "ip protocol vrrp accept"), false],
      [chain("drop", "meta l4proto 112 accept"), false],
      [chain("drop", "ip saddr 192.0.2.12 accept"), false],
      [chain("drop", "tcp dport 1120 accept"), true],
      [
        "table ip filter {\n\tchain FORWARD {\n\t\ttype filter hook forward priority filter; policy drop;\n\t}\n}\n",
        false,
      ],
    ] as const)
      assert.equal(dropsVrrp(rules, peers), drops, rules);
  });

  it("ip neigh and arping: whose hardware address is whose", () => {
    const macAddresses = macAddressesIn("192.0.2.12 lladdr 02:00:00:00:00:0C REACHABLE\n192.0.2.13 FAILED\n");
    assert.deepEqual([...macAddresses], [["192.0.2.12", "02:00:00:00:00:0c"]]);
    const text = `ARPING 192.0.2.120 from 192.0.2.12 eth0
Unicast reply from 192.0.2.120 [02:00:00:00:00:0B]  0.6ms
Unicast reply from 192.0.2.120 [02:00:00:00:00:99]  0.7ms
Sent 2 probes (1 broadcast(s))
Received 2 response(s)
`;
    assert.deepEqual(repliesIn(text), ["02:00:00:00:00:0b", "02:00:00:00:00:99"]);
  });

  it("the audit log: what SELinux denied Keepalived and what it starts", () => {
    const denial = (context: string, name: string) =>
      `type=AVC msg=audit(1764200000.1:7): avc:  denied  { execute } for  pid=7 comm="sh"${name} dev="sda1" ino=9 scontext=system_u:system_r:${context}:s0 tcontext=system_u:object_r:usr_t:s0 tclass=file permissive=0\n`;
    const text = denial("httpd_t", "") + denial("keepalived_t", "") + denial("keepalived_t", ' name="node"');
    assert.deepEqual(denialsIn(text), { denials: 2, last: "execute of node to sh" });
    assert.equal(denialsIn(denial("httpd_t", "")).denials, 0);
  });
});
