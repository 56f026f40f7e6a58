import { existsSync, realpathSync } from "node:fs";
import { CommandRefused } from "../../cluster/errors.ts";
import type { Cluster, Node } from "../../cluster/schema.ts";
import type { Observation } from "../../model/observation.ts";
import { info } from "../../redis/commands.ts";
import { openIoredis } from "../../redis/ioredis-session.ts";
import { failedObservation, observeSession } from "../../redis/observe.ts";
import { type Endpoint, endpointOf, ReplyError, type Session } from "../../redis/session.ts";

const deadline_ms = 2000;

/** Rejects with a CommandRefused if the server was started with another file: what is written there would not count. */
export async function requireRunningConf(session: Session, file: string): Promise<void> {
  const [, running] = /^config_file:(.*)\r$/m.exec(await info(session)) ?? [];
  if (running === undefined || realpathOf(running) === realpathOf(file)) return;
  throw new CommandRefused(
    running === ""
      ? "the local Redis was started without a configuration file"
      : `the local Redis was started with ${running}, not ${file}`,
    {
      remedy: running === "" ? `start it with ${file}, and run this again` : `name that file: --redis-conf ${running}`,
    },
  );
}

const realpathOf = (path: string): string => (existsSync(path) ? realpathSync(path) : path);

/**
 * A session with the local Redis as it is before it belongs to the cluster: it may listen on the loopback address only, and have
 * another password, or none. Rejects with a CommandRefused.
 */
export async function openLocal(
  cluster: Cluster,
  node: Node,
  passwords: readonly (string | undefined)[],
): Promise<Session> {
  const loopback = node.address.includes(":") ? "::1" : "127.0.0.1";
  let problem: Observation | undefined;
  for (const host of [loopback, node.address]) {
    for (const password of new Set(passwords)) {
      const endpoint: Endpoint = { ...endpointOf(cluster, node, password), host };
      const opened = await openIoredis(endpoint, deadline_ms).catch((error: Error) => error);
      const seen = opened instanceof Error ? failedObservation(endpoint, opened) : await observeSession(opened);
      if (!(opened instanceof Error)) {
        if (seen.kind === "observed") return opened;
        opened.close();
      }
      // That it rejects a password says more than that it does not listen on the other address.
      if (problem?.kind !== "rejected") problem = seen;
      // Nobody listens there: another password does not help.
      if (opened instanceof Error && !(opened instanceof ReplyError)) break;
    }
  }
  const detail = problem && problem.kind !== "observed" ? problem.detail : "";
  throw new CommandRefused(`the local Redis can't be used: ${detail}`, {
    remedy:
      problem?.kind === "rejected"
        ? "--password-file names the file with its password"
        : "start it, or name its port with --port; then run this again",
  });
}
