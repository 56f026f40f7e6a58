import { masterName, sentinelPort } from "../../lab/client/master-finder.ts";
import type { Lab } from "../../lab/lab.ts";
import type { Host } from "../../lab/machine/host.ts";
import { redisPort } from "../../lab/server/redis-conf.ts";
import type { Contender } from "./contender.ts";
import { rawClient } from "./raw-client.ts";

/** Three Sentinels, quorum 2, one of them on the client's host; no Keepalived, no VIP: the client asks a Sentinel. */

const confPath = "/etc/redis/sentinel.conf";
const sentinelConf = (master: string, password: string | undefined, downAfter_ms: number) => `port ${sentinelPort}
bind 0.0.0.0
protected-mode no
dir /var/lib/redis
logfile /var/log/sentinel.log
sentinel monitor ${masterName} ${master} ${redisPort} 2
sentinel down-after-milliseconds ${masterName} ${downAfter_ms}
${password === undefined ? "" : `sentinel auth-pass ${masterName} ${password}`}
`;

const ask = async (host: Host, ...command: string[]): Promise<string> =>
  (await host.must(["redis-cli", "-p", String(sentinelPort), "SENTINEL", ...command])).stdout;

/** Each Sentinel has found the replica and the two others. */
async function knowsAll(host: Host): Promise<boolean> {
  const said = await ask(host, "MASTER", masterName);
  const field = (name: string) => new RegExp(`^${name}\\n(.*)$`, "m").exec(said)?.[1];
  return field("num-slaves") === "1" && field("num-other-sentinels") === "2" && field("flags") === "master";
}

const bringUp = (downAfter_ms: number) => async (lab: Lab) => {
  const { server11, server12, client } = lab;
  await server11.startRedis();
  // As in the lab's own bringUp: without a disk a replica gets no writes for up to a second after it is in sync.
  await server11.redis("CONFIG", "SET", "repl-diskless-sync", "no");
  await server12.startRedis("--replicaof", `${server11.address} ${redisPort}`);
  await lab.until(() => server12.inSync(), 15, "in sync");
  await server11.redis("CONFIG", "SET", "repl-diskless-sync", "yes");
  const hosts = [server11, server12, client];
  for (const host of hosts) {
    host.disk.write(confPath, sentinelConf(server11.address, lab.password, downAfter_ms), 0o600);
    await host.must(["redis-server", confPath, "--sentinel", "--daemonize", "yes"]);
  }
  const ready = async () => (await Promise.all(hosts.map(knowsAll))).every(Boolean);
  await lab.until(ready, 30, "the Sentinels know each other and the replica");
};

const sentinel = (name: string, downAfter_ms: number): Contender => ({
  name,
  what: `three Sentinels, quorum 2, down-after-milliseconds ${downAfter_ms}; the client asks a Sentinel and retries at once`,
  // Sentinel restarts a server as what it was: the line that parks one is not part of its set-up.
  lab: { profile: "plain", redis: { replicaofLine: false } },
  bringUp: bringUp(downAfter_ms),
  write: rawClient({ sentinels: ["192.0.2.100", "192.0.2.12", "192.0.2.11"] }),
  move: async ({ client }) => {
    await ask(client, "FAILOVER", masterName);
  },
  comeBack: ({ server11 }) => server11.startRedis(),
  takeOver_s: downAfter_ms / 1000 + 20,
  settle_s: 30,
  runs: () => (downAfter_ms > 5000 ? 2 : 4),
});

export const sentinels: readonly Contender[] = [sentinel("sentinel-1s", 1000), sentinel("sentinel-default", 30_000)];
