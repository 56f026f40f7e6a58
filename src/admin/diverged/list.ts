import { peersOf } from "../../cluster/local-node.ts";
import type { Node } from "../../cluster/schema.ts";
import type { RedisContext } from "../../redis/sessions.ts";
import { keptFiles } from "../../state/kept-files.ts";
import { type ListedFile, listLines } from "./lines.ts";

const answer_ms = 2000;

interface OfNode {
  node: string;
  files: Omit<ListedFile, "node">[];
  /** Why it is not known what this node keeps. */
  unknown?: string;
}

/** What is kept on all nodes that answer: here from the files, of the others from their agents. */
export async function list(context: RedisContext): Promise<{ lines: string[]; json: OfNode[] }> {
  const { cluster, node, paths } = context;
  const here = { node: node.name, files: keptFiles(paths.quarantine) };
  const peers = await Promise.all(peersOf(cluster, node).map((peer) => askAgent(context, peer)));
  const json: OfNode[] = [here, ...peers];
  const files = json.flatMap(({ node: name, files: found }) => found.map((file) => ({ ...file, node: name })));
  const empty = json.filter(({ files: found, unknown }) => found.length === 0 && unknown === undefined);
  return {
    lines: [
      ...(files.length > 0 ? listLines(files) : []),
      ...empty.map(({ node: name }) => `${name}: nothing is kept`),
      ...json.flatMap(({ node: name, unknown }) => (unknown === undefined ? [] : [`${name}: not known, ${unknown}`])),
    ],
    json,
  };
}

async function askAgent({ cluster }: RedisContext, peer: Node): Promise<OfNode> {
  const unknown = (why: string): OfNode => ({ node: peer.name, files: [], unknown: why });
  const { listen } = cluster.agent;
  if (listen === undefined) return unknown("its agent does not listen (agent.listen): run `diverged list` there");
  const port = listen.slice(listen.lastIndexOf(":") + 1);
  const host = peer.address.includes(":") ? `[${peer.address}]` : peer.address;
  try {
    const url = `http://${host}:${port}/kept?cluster=${encodeURIComponent(cluster.name)}`;
    const response = await fetch(url, { signal: AbortSignal.timeout(answer_ms) });
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    const [kept] = (await response.json()) as { files: OfNode["files"] }[];
    if (!Array.isArray(kept?.files)) throw new Error("it does not know this cluster");
    return { node: peer.name, files: kept.files };
  } catch (error) {
    const { message, cause } = error as Error;
    const why = (cause as Error | undefined)?.message || message;
    return unknown(`its agent does not answer at ${host}:${port} (${why}): run \`diverged list\` there`);
  }
}
