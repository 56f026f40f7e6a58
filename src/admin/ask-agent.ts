import { get } from "node:http";
import type { Cluster, Node } from "../cluster/schema.ts";
import { hostPort, splitHostPort } from "../system/host-port.ts";

/** What the agent of another node answered over HTTP. */
export type AgentAnswer<T> =
  | { kind: "answered"; at: string; body: T }
  | { kind: "not-asked"; why: string }
  /** `because`: refused: its host says that nobody listens; hangs: it accepts the connection and says nothing. */
  | { kind: "no-answer"; at: string; why: string; because: "refused" | "hangs" | "other" };

const max_bytes = 4 * 1024 * 1024;

/** Asks the agent of a node for its object about this cluster. Resolves within the deadline, never rejects. */
export function askAgentOf<T>(
  { name, agent: { listen } }: Pick<Cluster, "name" | "agent">,
  { address }: Pick<Node, "address">,
  path: "/kept" | "/host",
  deadline_ms: number,
): Promise<AgentAnswer<T>> {
  const notAsked = (why: string) => Promise.resolve({ kind: "not-asked", why } as const);
  if (listen === undefined) return notAsked("its agent does not listen (agent.listen)");
  const { host, port } = splitHostPort(listen);
  if (/^(127\.|::1$|localhost$)/.test(host)) return notAsked(`its agent listens on ${host} only (agent.listen)`);
  const at = hostPort(address, port);
  return new Promise((resolve) => {
    let connected = false;
    let answers = false;
    const fail = (why: string, because: "refused" | "hangs" | "other" = "other") => {
      clearTimeout(timer);
      request.destroy();
      resolve({ kind: "no-answer", at, why, because });
    };
    const request = get(`http://${at}${path}?cluster=${encodeURIComponent(name)}`, { agent: false });
    const late = `no answer within ${deadline_ms / 1000} s`;
    const timer = setTimeout(() => fail(late, connected && !answers ? "hangs" : "other"), deadline_ms);
    request.on("socket", (socket) =>
      socket.once("connect", () => {
        connected = true;
      }),
    );
    request.on("error", ({ message, code }: NodeJS.ErrnoException) =>
      fail(message || String(code), code === "ECONNREFUSED" ? "refused" : "other"),
    );
    request.on("response", (response) => {
      answers = true;
      let text = "";
      response.setEncoding("utf8").on("data", (more: string) => {
        text += more;
        if (text.length > max_bytes) fail("its answer is too long");
      });
      response.on("error", (error) => fail(error.message));
      response.on("end", () => {
        if (response.statusCode !== 200) return fail(`HTTP ${response.statusCode}`);
        const body = firstOf<T>(text);
        if (body === undefined) return fail("it does not know this cluster");
        clearTimeout(timer);
        resolve({ kind: "answered", at, body });
      });
    });
  });
}

function firstOf<T>(text: string): T | undefined {
  try {
    const [first] = JSON.parse(text) as T[];
    return first;
  } catch {
    return undefined;
  }
}
