import { peersOf } from "../../cluster/local-node.ts";
import type { Node } from "../../cluster/schema.ts";
import type { RedisContext } from "../../redis/sessions.ts";
import { keptFiles } from "../../state/kept-files.ts";
import { askAgentOf } from "../ask-agent.ts";
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
  const answer = await askAgentOf<OfNode>(cluster, peer, "/kept", answer_ms);
  if (answer.kind === "not-asked") return unknown(`${answer.why}: run \`diverged list\` there`);
  if (answer.kind === "no-answer" || !Array.isArray(answer.body.files))
    return unknown(
      `its agent does not answer at ${answer.at} (${answer.kind === "no-answer" ? answer.why : "no list"}): run \`diverged list\` there`,
    );
  return { node: peer.name, files: answer.body.files };
}
