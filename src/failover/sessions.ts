import type { Paths } from "../cluster/paths.ts";
import type { Cluster, Node } from "../cluster/schema.ts";
import type { Log } from "../log/log.ts";
import { endpointOf, type OpenSession, type Session } from "../redis/session.ts";

/** What carrying out a transition needs to know and to hold; the same for hooks and agent. */
export interface Run {
  cluster: Cluster;
  node: Node;
  password: string | undefined;
  log: Log;
  open: OpenSession;
  /** A person said that going on is better than keeping what is about to be lost. */
  allowDataLoss: boolean;
  paths: Paths;
  /** Throws Stopped when a newer transition, or a signal, makes going on wrong. Asked before every step. */
  proceed: () => void;
}

/** Our own Redis may be busy; a peer that needs longer than this is as good as gone while clients wait. */
const patience_ms = (run: Run, name: string): number =>
  name === run.node.name ? 1000 : run.cluster.monitor.timeout * 1000;

/** The open sessions of one run, one a node, made when first needed. */
export class Sessions {
  readonly #run: Run;
  readonly #open = new Map<string, Promise<Session>>();

  constructor(run: Run) {
    this.#run = run;
  }

  of(name: string): Promise<Session> {
    const known = this.#open.get(name);
    if (known) return known;
    const { cluster, password, open } = this.#run;
    const node = cluster.nodes.find((one) => one.name === name);
    if (!node) throw new Error(`no node ${name} in the cluster file`);
    const session = open(endpointOf(cluster, node, password), patience_ms(this.#run, name));
    session.catch(() => this.#open.delete(name));
    this.#open.set(name, session);
    return session;
  }

  /** A broken session is of no use to the next step. */
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
