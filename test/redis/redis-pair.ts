import { heartbeat_ms, writeHeartbeat } from "../../src/state/heartbeat.ts";
import { type ClusterOptions, type TestCluster, testCluster } from "./cluster.ts";
import { eventually } from "./eventually.ts";
import { type RedisServer, startServers } from "./servers.ts";

/** Runs `body` with two new servers and a cluster file for them. */
export async function withPair(
  { conf = [], ...options }: { conf?: string[] } & ClusterOptions,
  body: (pair: TestCluster, server: RedisServer, peer: RedisServer) => Promise<void>,
): Promise<void> {
  const { servers, stop } = await startServers(2, { conf });
  const pair = testCluster(
    servers.map(({ endpoint }) => endpoint),
    options,
  );
  try {
    await body(pair, ...(servers as [RedisServer, RedisServer]));
  } finally {
    pair.remove();
    await stop();
  }
}

/** Makes a server a replica and waits until its link is up. */
export const makeReplica = async (replica: RedisServer, master: RedisServer, within_ms?: number) => {
  await replica.ask("REPLICAOF", master.endpoint.host, String(master.endpoint.port));
  await eventually(
    async () => String(await replica.ask("INFO", "replication")).includes("master_link_status:up"),
    within_ms,
  );
};

/** With the heartbeat of an agent, in the name of this process. */
export async function besideAgent(pair: TestCluster, work: () => Promise<void>): Promise<void> {
  const beat = () => writeHeartbeat(pair.paths.heartbeat);
  beat();
  const beats = setInterval(beat, heartbeat_ms);
  await work().finally(() => clearInterval(beats));
}
