import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import { statusReport } from "../../../../src/decide/status/report.ts";
import { at, hosts, master, refusing, replica } from "../situations.ts";
import { type Change, changed, found, hidden, hostOf, silent } from "./changed.ts";

const ping = "REDISCLI_AUTH=$(cat /etc/keepalived-redis/password) redis-cli -h 192.0.2.12 -p 6379";

/** [what, how it differs from a good pair, what is found] */
const cases: [string, Change, string[]][] = [
  ["nothing is wrong", () => undefined, ["ok good: -"]],
  [
    "two masters, of which one has the virtual IP, for long",
    ({ server12 }) => {
      server12.redis.seen = master(at(10, "b"));
    },
    ["critical two-masters: notify-backup --dry-run @server12"],
  ],
  [
    "two masters, since a moment ago",
    ({ server12 }) => {
      server12.redis.seen = master(at(10, "b"));
      hostOf(server12).vrrp = { state: "BACKUP", for_s: 9 };
    },
    ["critical two-masters: status --watch"],
  ],
  [
    "two masters, and Keepalived does not run on one",
    ({ server12 }) => {
      server12.redis.seen = master(at(10, "b"));
      hostOf(server12).keepalived = false;
    },
    [
      "critical two-masters: systemctl start keepalived @server12",
      "warning keepalived-dead: systemctl start keepalived @server12",
    ],
  ],
  [
    "two holders, one of them without Keepalived",
    ({ server11, server12 }) => {
      hostOf(server12).holder = true;
      hostOf(server11).keepalived = false;
    },
    ["critical two-holders: systemctl start keepalived", "critical keepalived-dead: systemctl start keepalived"],
  ],
  [
    "two holders that do not hear each other",
    ({ server12 }) => {
      hostOf(server12).holder = true;
    },
    ["critical two-holders: timeout 5 tcpdump -c 5 -ni eth0 vrrp"],
  ],
  [
    "the master is not the holder, the replica is",
    ({ server11, server12 }) => {
      hostOf(server11).holder = false;
      hostOf(server12).holder = true;
    },
    [
      "critical master-without-vip: notify-master --dry-run @server12",
      // It should be master, so it should copy from nobody.
    ],
  ],
  [
    "nobody has the virtual IP, and Keepalived of the master is dead",
    ({ server11 }) => {
      hostOf(server11).holder = false;
      hostOf(server11).keepalived = false;
    },
    ["critical master-without-vip: systemctl start keepalived", "warning keepalived-dead: systemctl start keepalived"],
  ],
  [
    "nobody has the virtual IP, and Keepalived runs",
    ({ server11 }) => {
      hostOf(server11).holder = false;
    },
    ["critical master-without-vip: monitor --json"],
  ],
  [
    "no Redis runs",
    ({ server11, server12 }) => {
      for (const node of [server11, server12]) node.redis.seen = { ...silent, why: "refused" };
    },
    ["critical no-master: systemctl start redis"],
  ],
  [
    "Redis of the holder was restarted in maintenance, and is parked",
    ({ server11 }) => {
      server11.redis.seen = replica("127.0.0.1", at(5000), { link: { port: 1, link: "down" } });
      hostOf(server11).maintenance = { on: true, until: null };
    },
    ["critical no-master: maintenance off", "warning maintenance: maintenance off"],
  ],
  [
    "the master loads its data",
    ({ server11 }) => {
      server11.redis.seen = master(at(5000), { loading: { eta_s: 9 } });
      hidden(server11);
    },
    ["critical no-master: status --watch"],
  ],
  [
    "a script blocks the replica",
    ({ server12 }) => {
      server12.redis.seen = refusing("busy");
    },
    [`critical rejected: ${ping} SCRIPT KILL`],
  ],
  [
    "the master refuses writes for lack of replicas, or after a failed save",
    ({ server11 }) => {
      server11.redis.goodReplicas = 0;
    },
    [`critical writes-refused: ${ping.replace(".12", ".11")} INFO replication`],
  ],
  [
    "a save failed",
    ({ server11 }) => {
      if (server11.redis.seen.kind === "observed") server11.redis.seen.refusesWrites = "MISCONF no disk";
    },
    [`critical writes-refused: ${ping.replace(".12", ".11")} INFO persistence`],
  ],
  [
    "writes are paused",
    ({ server11 }) => {
      server11.redis.paused_ms = 4000;
    },
    ["warning writes-held: status --watch"],
  ],
  [
    "replicas that are counted, and a pause that has ended, are nothing wrong",
    ({ server11 }) => {
      server11.redis.goodReplicas = 1;
      server11.redis.paused_ms = 0;
    },
    ["ok good: -"],
  ],
  [
    "the local Redis of the holder hangs",
    ({ server11 }) => {
      server11.redis.seen = silent;
    },
    [
      "critical no-master: ps -C redis-server,valkey-server -o pid,stat,etime,args",
      "critical not-seen: ps -C redis-server,valkey-server -o pid,stat,etime,args",
    ],
  ],
  [
    "the Redis of another node hangs, and its agent answers",
    ({ server12 }) => {
      server12.redis.seen = silent;
    },
    [`warning not-seen: ${ping} PING`],
  ],
  [
    "a replica copies the whole data set",
    ({ server12 }) => {
      server12.redis.seen = replica("server11", at(0), { link: { link: "down", syncing: true, positioned: false } });
    },
    ["warning copying: status --watch"],
  ],
  [
    "a replica is parked",
    ({ server12 }) => {
      server12.redis.seen = replica("127.0.0.1", at(5000), { link: { port: 1, link: "down" } });
    },
    ["warning not-replicating: recover-master @server12"],
  ],
  [
    "a replica copies from another server",
    ({ server12 }) => {
      server12.redis.seen = replica("192.0.2.99", at(5000));
    },
    ["warning not-replicating: recover-master @server12"],
  ],
  [
    "a link has broken just now",
    ({ server12 }) => {
      server12.redis.seen = replica("server11", at(5000), { link: { link: "down", downFor_s: 2 } });
    },
    ["warning not-replicating: status --watch"],
  ],
  [
    "a replica is far behind",
    ({ server11 }) => {
      server11.redis.seen = master(at(1_005_001), { replicas: [] });
    },
    ["warning lag: status --watch"],
  ],
  [
    "a replica is as far behind as it may be",
    ({ server11 }) => {
      server11.redis.seen = master(at(1_005_000), { replicas: [] });
    },
    ["ok good: -"],
  ],
  [
    "a replica does not acknowledge",
    ({ server11 }) => {
      const quiet = { host: hosts.server12 ?? "", port: 6379, online: true, offset: 5000, lag_s: 11 };
      server11.redis.seen = master(at(5000), { replicas: [quiet] });
    },
    ["warning lag: status --watch"],
  ],
  [
    "the holder is unfit, and says why",
    ({ server11 }) => {
      hostOf(server11).verdict = { fit: false, cause: "isolated", detail: "", for_s: 20 };
    },
    ["critical unfit: monitor --json"],
  ],
  [
    "the replica is unfit",
    ({ server12 }) => {
      hostOf(server12).verdict = { fit: false, cause: "behind", detail: "9 bytes", for_s: 20 };
    },
    ["warning unfit: monitor --json @server12"],
  ],
  [
    "an old verdict of a node that nothing checks does not count",
    ({ server11 }) => {
      Object.assign(hostOf(server11), { keepalived: false, agent: { is: "none", silent_s: null } });
      hostOf(server11).verdict = { fit: false, cause: "behind", detail: "", for_s: 2000 };
    },
    ["critical keepalived-dead: systemctl start keepalived"],
  ],
  [
    "a signal has stopped Keepalived of the replica, whose agent goes on",
    ({ server12 }) => {
      hostOf(server12).keepalived_hangs = true;
    },
    ["warning keepalived-hangs: systemctl restart keepalived @server12"],
  ],
  [
    "an old verdict of a node whose Keepalived hangs does not count",
    ({ server11 }) => {
      Object.assign(hostOf(server11), { keepalived_hangs: true, agent: { is: "none", silent_s: null } });
      hostOf(server11).verdict = { fit: false, cause: "behind", detail: "", for_s: 2000 };
    },
    ["critical keepalived-hangs: systemctl restart keepalived"],
  ],
  [
    "FAULT though fit",
    ({ server12 }) => {
      hostOf(server12).vrrp = { state: "FAULT", for_s: 60 };
    },
    ["warning fault: journalctl -u keepalived -n 20 @server12"],
  ],
  [
    "a node is drained, and so unfit",
    ({ server11 }) => {
      hostOf(server11).drain = "yes";
      hostOf(server11).verdict = { fit: false, cause: "draining", detail: "", for_s: 1 };
    },
    ["warning draining: status --watch"],
  ],
  [
    "a drain that a dead process asked for is over",
    ({ server11 }) => {
      hostOf(server11).drain = "left";
    },
    ["ok good: -"],
  ],
  [
    "a drain is asked for over Redis",
    ({ server12 }) => {
      hidden(server12);
      server12.redis.drainRequested = true;
    },
    ["warning draining: status --watch"],
  ],
  ["an agent that can't be asked is nothing wrong", ({ server12 }) => hidden(server12), ["ok good: -"]],
  [
    "an agent that accepts connections and says nothing hangs, whatever its announcement says",
    ({ server12 }) => {
      hidden(server12, "hung");
      server12.redis.ready = true;
    },
    ["warning agent: systemctl restart keepalived-redis-agent @server12"],
  ],
  [
    "an agent whose port refuses connections may run",
    ({ server12 }) => hidden(server12, "refused"),
    ["warning agent: systemctl status keepalived-redis-agent @server12"],
  ],
  [
    "an agent that announces its node runs, whatever its port does",
    ({ server12 }) => {
      hidden(server12, "refused");
      server12.redis.ready = true;
    },
    ["ok good: -"],
  ],
  [
    "a password file that can't be read",
    (_, all) => {
      all.broken = "can't read redis.password_file /etc/keepalived-redis/password (ENOENT)";
    },
    ["warning broken-file: ls -l /etc/keepalived-redis/password"],
  ],
  [
    "one Redis rejects us, and the other one is a replica: a master may be hidden",
    ({ server11 }) => {
      server11.redis.seen = refusing("password");
      hidden(server11);
    },
    [`critical rejected: ${ping.replace(".12", ".11")} PING`],
  ],
  [
    "a Redis without a password rejects us",
    ({ server12 }, all) => {
      server12.redis.seen = refusing("permission");
      all.settings.passwordFile = undefined;
      all.settings.redisCli = "valkey-cli --user failover --tls";
    },
    ["critical rejected: valkey-cli --user failover --tls -h 192.0.2.12 -p 6379 ACL WHOAMI"],
  ],
  [
    "a replica has a quarter of the copy",
    ({ server12 }) => {
      const link = { link: "down", syncing: true, positioned: false, progress: { bytes: 50, total: 200 } } as const;
      server12.redis.seen = replica("server11", at(0), { link });
    },
    ["warning copying: status --watch"],
  ],
  [
    "no holder and no master are seen, and the local Redis is a replica",
    ({ server11, server12 }) => {
      hostOf(server11).holder = false;
      server11.redis.seen = replica("server12", at(5000), { link: { link: "down", downFor_s: 90 } });
      server12.redis.seen = { ...silent, why: "refused" };
    },
    ["critical no-master: notify-master --dry-run"],
  ],
  [
    "a replica is parked since a transition a moment ago",
    ({ server12 }) => {
      server12.redis.seen = replica("127.0.0.1", at(5000), { link: { port: 1, link: "down" } });
      Object.assign(hostOf(server12).last_transition ?? {}, { ago_s: 9 });
    },
    ["warning not-replicating: status --watch"],
  ],
  [
    "a link has been down for as long as a failover may take",
    ({ server12 }) => {
      server12.redis.seen = replica("server11", at(5000), { link: { link: "down", downFor_s: 10 } });
    },
    ["warning not-replicating: recover-master @server12"],
  ],
  [
    "a link is down, and the replica is far behind for that reason",
    ({ server11, server12 }) => {
      server11.redis.seen = master(at(9_000_000));
      server12.redis.seen = replica("server11", at(5000), { link: { link: "down", downFor_s: 30 } });
    },
    ["warning not-replicating: recover-master @server12"],
  ],
  [
    "a replica has another history than its master",
    ({ server12 }) => {
      server12.redis.seen = replica("server11", at(5000, "z"));
    },
    ["ok good: -"],
  ],
  [
    "no hook has run since the boot, and no check",
    ({ server12 }) => {
      Object.assign(hostOf(server12), { vrrp: null, verdict: null, last_transition: null });
    },
    ["ok good: -"],
  ],
  [
    "a dump is kept, and something older",
    ({ server12 }) => {
      const newest = { id: 3, kind: "dump", when: "today", writes: null, keys: 300 } as const;
      hostOf(server12).kept = { files: 2, not_applied: 2, newest };
    },
    ["warning quarantine: diverged show 3 @server12"],
  ],
  [
    "a lesser loss is found first, and stands behind the graver one",
    ({ server11, server12 }) => {
      server12.redis.seen = { ...silent, why: "refused" };
      hostOf(server11).keepalived = false;
    },
    ["critical keepalived-dead: systemctl start keepalived", "warning redis-down: recover-master @server12"],
  ],
  [
    "the gravest stands first",
    ({ server11, server12 }, all) => {
      hostOf(server11).keepalived = false;
      hostOf(server12).maintenance = { on: true, until: null };
      all.settings.options = " --cluster /other";
    },
    [
      "critical keepalived-dead: systemctl start keepalived",
      "warning maintenance: maintenance off --cluster /other @server12",
    ],
  ],
];

describe("what status finds wrong", () => {
  for (const [what, change, expected] of cases) it(what, () => assert.deepEqual(found(changed(change)), expected));
});

it("in these words, with these data: golden/findings.txt (UPDATE_GOLDEN=1 writes it)", () => {
  const text = cases
    .map(([what, change]) => {
      const { findings, nodes, reach } = statusReport(changed(change));
      const data = nodes.map(({ name, redis, wanted, link, lag, fence, holder, agent, vrrp, verdict, drain }) =>
        [name, redis, wanted, link, lag, fence, holder, agent, vrrp, verdict, drain].map((one) => JSON.stringify(one)),
      );
      return [`# ${what}`, ...[...findings, ...reach].map((one) => JSON.stringify(one)), ...data.flat()].join("\n");
    })
    .join("\n\n");
  const file = new URL("golden/findings.txt", import.meta.url);
  if (process.env.UPDATE_GOLDEN === "1") writeFileSync(file, `${text}\n`);
  assert.equal(`${text}\n`, readFileSync(file, "utf8"));
});
