import assert from "node:assert/strict";
import { it } from "node:test";
import { askHost } from "../../src/admin/ask-host.ts";
import type { Node } from "../../src/cluster/schema.ts";
import { openConnection } from "../../src/redis/connection.ts";
import type { RedisContext } from "../../src/redis/sessions.ts";
import type { TestCluster } from "./cluster.ts";
import { makeReplica, withPair } from "./redis-pair.ts";
import type { RedisServer } from "./servers.ts";

/** What a host tells over its Redis at its next health check, by the built monitor on real servers. */

const channel = "keepalived-redis:sessions:report";
const server12 = ({ cluster }: TestCluster): Node => cluster.nodes[1] as Node;

/** server11 asks server12, and health checks go on there until the answer has come. */
async function askedBeside(pair: TestCluster) {
  const { cluster, paths, file, password } = pair;
  const context: RedisContext = {
    cluster,
    paths,
    file,
    password,
    open: openConnection,
    node: cluster.nodes[0] as Node,
  };
  let answered = false;
  const answer = askHost(context, server12(pair), 500).finally(() => {
    answered = true;
  });
  const codes: (number | null)[] = [];
  while (!answered) codes.push((await pair.run("monitor", "server12")).code);
  return { answer: await answer, codes };
}

const messagesAt = async (server: RedisServer): Promise<number> =>
  Number(/cmdstat_publish:calls=(\d+)/.exec(String(await server.ask("INFO", "commandstats")))?.[1] ?? 0);

it("a master and a replica tell it; while nobody asks, nothing is published", () =>
  withPair({}, async (pair, server11, peer) => {
    await makeReplica(server11, peer);
    await pair.run("monitor", "server12");
    assert.equal(await messagesAt(peer), 0);
    const { answer } = await askedBeside(pair);
    assert.ok(answer.report && answer.via === "check", JSON.stringify(answer));
    assert.equal(typeof answer.report.cluster_file, "string");
    assert.equal(answer.report.verdict?.fit, true);
    await server11.ask("REPLICAOF", "NO", "ONE");
    await makeReplica(peer, server11);
    const { answer: ofReplica } = await askedBeside(pair);
    assert.equal(ofReplica.report?.verdict?.cause, "replica");
    const published = await messagesAt(peer);
    await pair.run("monitor", "server12");
    assert.equal(await messagesAt(peer), published);
  }));

it("a node in maintenance tells that it is", () =>
  withPair({}, async (pair) => {
    await pair.run("monitor", "server12");
    await pair.run("maintenance", "server12", "on");
    const { answer } = await askedBeside(pair);
    assert.equal(answer.report?.maintenance.on, true);
  }));

it("no health check, paused writes, or a message of somebody else: nothing is known, and the check is not held up", () =>
  withPair({}, async (pair, _server, peer) => {
    const { cluster, paths, file, password } = pair;
    const context = { cluster, paths, file, password, open: openConnection, node: cluster.nodes[0] as Node };
    const silent = await askHost(context, server12(pair), 500);
    assert.match(silent.report ? "" : silent.why, /health check told nothing within 2\.3 s/);

    await peer.ask("CLIENT", "PAUSE", "5000", "WRITE");
    const { answer, codes } = await askedBeside(pair);
    assert.equal(answer.report, undefined);
    assert.ok(
      codes.every((code) => code === 0 || code === 1),
      codes.join(" "),
    );
    await peer.ask("CLIENT", "UNPAUSE");

    for (const garbage of ["", "null", "7", '"x"', "{}", '{"holder":1}', '{"holder":true}', "[[[", "\0"]) {
      const asking = askHost(context, server12(pair), 500);
      while (Number(((await peer.ask("PUBLISH", channel, garbage)) as number) ?? 0) === 0);
      assert.equal((await asking).report, undefined, garbage);
    }
  }));
