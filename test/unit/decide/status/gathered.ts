import { answer_ms } from "../../../../src/admin/status/gather.ts";
import type { HostReport } from "../../../../src/model/host-report.ts";
import type { Observation } from "../../../../src/model/observation.ts";
import type { Gathered, GatheredNode, HostAnswer, RedisAnswer } from "../../../../src/model/status.ts";
import { at, hosts, master, refusing, replica } from "../situations.ts";

/** What `status` reads in the situations that an operator meets, from either node. */

export interface World {
  server11: NodeOf;
  server12: NodeOf;
  more?: Partial<Gathered>;
}

interface NodeOf {
  redis: Observation;
  host: Partial<HostReport>;
  /** A version that does not tell of a CLIENT PAUSE. */
  of70?: true;
  /** What comes over the network instead, if something else does. */
  overRedis?: Partial<RedisAnswer>;
  overHttp?: HostAnswer;
}

/** As `gather` says it. */
const late = `no answer within ${answer_ms / 1000} s`;
const keeps = { host: "192.0.2.12", port: 6379, online: true, offset: 5000, lag_s: 0 };
const silent: Observation = { kind: "unreachable", why: "timeout", detail: "192.0.2.11:6379: ETIMEDOUT" };
const refused = (host: string): Observation => ({
  kind: "unreachable",
  why: "refused",
  detail: `${host}:6379: ECONNREFUSED`,
});

const report: HostReport = {
  holder: false,
  ...{ keepalived: true, keepalived_hangs: false },
  vrrp: { state: "BACKUP", for_s: 300 },
  priority: { configured: 253, claim: 0 },
  agent: { is: "alive", silent_s: 0.2 },
  verdict: { fit: true, cause: "replica", detail: "", for_s: 300 },
  maintenance: { on: false, until: null },
  drain: "no",
  last_transition: {
    ...{ transition: "BACKUP", when: "2026-11-27T01:00:00.000Z", ago_s: 300, result: "done", duration_ms: 3.9 },
    why: "the local Redis copies from the master: let it copy",
  },
  kept: { files: 0, not_applied: 0, newest: null },
};

const holding: Partial<HostReport> = {
  holder: true,
  vrrp: { state: "MASTER", for_s: 300 },
  priority: { configured: 254, claim: 0 },
  verdict: { fit: true, cause: "master", detail: "", for_s: 300 },
  last_transition: {
    ...{ transition: "MASTER", when: "2026-11-27T01:00:00.000Z", ago_s: 300, result: "done", duration_ms: 12.4 },
    why: "the local Redis is master and no other node is: keep the role",
  },
};

const serving = master(at(5000), { replicas: [keeps] });
const following = replica("server11", at(5000));
const alone = master(at(6000));
const cutOff = replica("server11", at(4900), { link: { link: "down", downFor_s: 60 } });
const noAgent: HostReport["agent"] = { is: "none", silent_s: null };
const httpRefused = (address: string): HostAnswer => ({
  ...{ report: undefined, agent: "refused" },
  why: `its agent does not answer at ${address}:9121 (connect ECONNREFUSED ${address}:9121)`,
});

const notListening: HostAnswer = {
  ...{ report: undefined, agent: undefined },
  why: "its agent does not listen (agent.listen)",
};

const good: World = { server11: { redis: serving, host: holding }, server12: { redis: following, host: {} } };

const justTakenOver: Partial<HostReport> = {
  ...holding,
  vrrp: { state: "MASTER", for_s: 60 },
  priority: { configured: 253, claim: -70 },
  verdict: { fit: true, cause: "master", detail: "", for_s: 60 },
  last_transition: {
    ...{ transition: "MASTER", when: "2026-11-27T01:04:00.000Z", ago_s: 60, result: "done", duration_ms: 18 },
    why: "no other node is master, and no peer has newer data: promote",
  },
};
const failed: Partial<HostReport> = {
  vrrp: { state: "FAULT", for_s: 60 },
  priority: { configured: 254, claim: 0 },
  verdict: { fit: false, cause: "refused", detail: "192.0.2.11:6379: ECONNREFUSED", for_s: 60 },
};

/** Each as both nodes see it; of a split both are told what only they can see. */
export const worlds: Readonly<Record<string, World>> = {
  good,
  "good, agents that do not listen": {
    server11: {
      ...good.server11,
      overHttp: notListening,
    },
    server12: {
      ...good.server12,
      overRedis: { ready: true },
      overHttp: notListening,
    },
    more: { vipRunId: "r11" },
  },
  "replica down": {
    server11: { redis: alone, host: { ...holding, priority: { configured: 254, claim: -68 } } },
    server12: {
      redis: refused("192.0.2.12"),
      host: {
        vrrp: { state: "FAULT", for_s: 60 },
        verdict: { fit: false, cause: "refused", detail: "192.0.2.12:6379: ECONNREFUSED", for_s: 60 },
      },
    },
  },
  "master down, before the take-over": {
    server11: { redis: refused("192.0.2.11"), host: holding },
    server12: { redis: replica("server11", at(5000), { link: { link: "down", downFor_s: 0 } }), host: {} },
  },
  "master down, after the take-over": {
    server11: { redis: refused("192.0.2.11"), host: failed },
    server12: { redis: alone, host: justTakenOver },
  },
  "master down, and nothing follows": {
    server11: { redis: refused("192.0.2.11"), host: failed },
    server12: {
      redis: cutOff,
      host: {
        ...justTakenOver,
        verdict: {
          fit: false,
          cause: "holder-is-no-master",
          detail: "the holder's Redis has been a replica for 60 s",
          for_s: 60,
        },
        last_transition: {
          ...{ transition: "MASTER", when: "2026-11-27T01:04:00.000Z", ago_s: 60, result: "refused", duration_ms: 40 },
          why: "the local data set is too old: 9000000 bytes of what server11 served are missing here",
        },
      },
    },
  },
  "split, they hear each other over Redis": {
    server11: { redis: alone, host: holding },
    server12: { redis: master(at(7000, "b", { id: "a", until: 5000 })), host: justTakenOver },
  },
  "split, the network is cut": {
    server11: {
      ...{ redis: alone, host: holding, overRedis: { seen: silent } },
      overHttp: {
        report: undefined,
        why: `its agent does not answer at 192.0.2.11:9121 (${late})`,
        agent: undefined,
      },
    },
    server12: {
      ...{ redis: master(at(7000, "b", { id: "a", until: 5000 })), host: justTakenOver },
      overRedis: { seen: { ...silent, detail: "192.0.2.12:6379: ETIMEDOUT" } },
      overHttp: {
        report: undefined,
        why: `its agent does not answer at 192.0.2.12:9121 (${late})`,
        agent: undefined,
      },
    },
  },
  // The virtual IP stays where Keepalived died, and the other node takes it as well.
  "Keepalived dead on the holder, no agents": {
    server11: {
      redis: replica("server12", at(6000)),
      host: {
        ...holding,
        keepalived: false,
        agent: noAgent,
        verdict: { fit: true, cause: "master", detail: "", for_s: 300 },
      },
      overHttp: notListening,
    },
    server12: {
      redis: master(at(6000), { replicas: [{ ...keeps, host: "192.0.2.11", offset: 6000 }] }),
      host: { ...justTakenOver, priority: { configured: 253, claim: 0 }, agent: noAgent },
      overHttp: notListening,
    },
    more: { vipRunId: "r11" },
  },
  "Keepalived dead on the replica": {
    server11: good.server11,
    server12: { redis: following, host: { keepalived: false } },
  },
  "Redis 7.0": {
    server11: { ...good.server11, of70: true },
    server12: { ...good.server12, of70: true },
  },
  "Keepalived hangs on the holder, no agents": {
    server11: { redis: serving, host: { ...holding, keepalived_hangs: true, agent: noAgent } },
    server12: { redis: following, host: { agent: noAgent }, overHttp: notListening },
  },
  "agent dead": {
    server11: good.server11,
    server12: { redis: following, host: { agent: { is: "died", silent_s: 40 } }, overHttp: httpRefused("192.0.2.12") },
  },
  "agent hung": {
    server11: {
      ...good.server11,
      host: { ...holding, agent: { is: "hung", silent_s: 8 } },
      overHttp: {
        report: undefined,
        why: `its agent does not answer at 192.0.2.11:9121 (${late})`,
        agent: "hung",
      },
    },
    server12: good.server12,
  },
  maintenance: {
    server11: { redis: serving, host: { ...holding, maintenance: { on: true, until: "2026-11-27T02:00:00.000Z" } } },
    server12: good.server12,
  },
  quarantine: {
    server11: good.server11,
    server12: {
      redis: following,
      host: {
        kept: {
          files: 2,
          not_applied: 1,
          newest: { id: 2, kind: "writes", when: "2026-11-27T00:58:00.000Z", writes: 12, keys: 300 },
        },
      },
    },
  },
  "password wrong": {
    server11: {
      redis: refusing("password"),
      host: { ...holding, verdict: { fit: true, cause: "password", detail: "refused: password", for_s: 60 } },
    },
    server12: {
      redis: refusing("password"),
      host: { verdict: { fit: false, cause: "password", detail: "refused: password", for_s: 60 } },
    },
  },
  "cluster file broken": {
    ...good,
    more: { broken: "/etc/keepalived-redis/cluster.toml:3:9: not TOML" },
  },
};

export function gathered({ server11, server12, more = {} }: World, from: "server11" | "server12"): Gathered {
  const node = (name: "server11" | "server12", { redis, host, of70, overRedis, overHttp }: NodeOf): GatheredNode => {
    const here = name === from;
    const full = { ...report, ...host };
    const peers = [{ name: name === "server11" ? "server12" : "server11", answers: redis.kind !== "unreachable" }];
    const version = of70 ? "7.0.15" : "7.2.7";
    const seen = redis.kind === "observed" ? { ...redis, version, runId: `r${name.slice(-2)}` } : redis;
    const own = { seen, ...(of70 ? {} : { paused_ms: 0 }), ready: false, drainRequested: false };
    return {
      ...{ name, address: hosts[name] ?? "", port: 6379, here },
      redis: here ? own : { ...own, ...overRedis },
      host: here ? { report: full, via: "host" } : (overHttp ?? { report: { ...full, peers }, via: "agent" }),
    };
  };
  return {
    ...{ cluster: "sessions", vip: "192.0.2.120", from, at: "2026-11-27T01:05:00.123Z", broken: null },
    nodes: [node("server11", server11), node("server12", server12)],
    settings: {
      ...{ file: "/etc/keepalived-redis/cluster.toml", options: "", port: 6379, interface: "eth0" },
      passwordFile: "/etc/keepalived-redis/password",
      redisCli: "redis-cli",
      ...{ startRedis: "systemctl start redis", startKeepalived: "systemctl start keepalived" },
      maxMissing: { bytes: 1_000_000, seconds: 10 },
    },
    ...more,
    // On the holder itself the address leads to the local Redis.
    ...((from === "server11" ? server11 : server12).host.holder ? { vipRunId: `r${from.slice(-2)}` } : {}),
  };
}
