import { type ClusterOptions, type TestCluster, testCluster } from "./cluster.ts";
import { type RedisServer, startServers } from "./servers.ts";
import { eventually } from "./wait.ts";

/** Two fresh servers, and a cluster file of them. */
export async function withPair(
  { conf = [], ...options }: { conf?: string[] } & ClusterOptions,
  body: (of: TestCluster, server: RedisServer, peer: RedisServer) => Promise<void>,
): Promise<void> {
  const { servers, stop } = await startServers(2, { conf });
  const of = testCluster(
    servers.map(({ endpoint }) => endpoint),
    options,
  );
  try {
    await body(of, ...(servers as [RedisServer, RedisServer]));
  } finally {
    of.remove();
    await stop();
  }
}

/** Makes a server a replica and waits for its link. */
export const follows = async (replica: RedisServer, master: RedisServer) => {
  await replica.ask("REPLICAOF", master.endpoint.host, String(master.endpoint.port));
  await eventually(async () => String(await replica.ask("INFO", "replication")).includes("master_link_status:up"));
};
