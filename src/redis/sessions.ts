import type { NodeContext } from "../cluster/context.ts";
import { endpointOf, type OpenSession, type Session } from "./session.ts";

/** A node that can open sessions. Hooks and monitor open new ones; the agent uses the connections that it keeps. */
export interface RedisContext extends Omit<NodeContext, "log"> {
  open: OpenSession;
}

/** The local Redis may be slow. A slow peer must not delay a failover for longer than `monitor.timeout`. */
const deadline_ms = ({ node, cluster }: RedisContext, name: string): number =>
  name === node.name ? 1000 : cluster.monitor.timeout * 1000;

/** The sessions of one run: one for each node, opened when first needed. */
export class Sessions {
  readonly #context: RedisContext;
  readonly #open = new Map<string, Promise<Session>>();

  constructor(context: RedisContext) {
    this.#context = context;
  }

  /** Rejects with an Unreachable or a ReplyError. */
  of(name: string): Promise<Session> {
    const known = this.#open.get(name);
    if (known) return known;
    const { cluster, password, open } = this.#context;
    const node = cluster.nodes.find((one) => one.name === name);
    if (!node) throw new Error(`no node ${name} in the cluster file`);
    const session = open(endpointOf(cluster, node, password), deadline_ms(this.#context, name));
    session.catch(() => this.#open.delete(name));
    this.#open.set(name, session);
    return session;
  }

  /** Closes a broken session, so that `of` opens a new one. */
  drop(name: string): void {
    this.#open.get(name)?.then(
      (session) => session.close(),
      () => undefined,
    );
    this.#open.delete(name);
  }

  closeAll(): void {
    for (const name of [...this.#open.keys()]) this.drop(name);
  }
}
