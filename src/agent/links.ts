import type { NodeContext } from "../cluster/context.ts";
import type { Node } from "../cluster/schema.ts";
import type { Reachability } from "../model/observation.ts";
import { openConnection } from "../redis/connection.ts";
import { type Endpoint, endpointOf, type OpenSession, type Unreachable } from "../redis/session.ts";
import { Link, type LinkEvents, type LinkTimes } from "./link.ts";

export interface NodeEvents {
  broke(node: string): void;
  gone(node: string, why: Unreachable): void;
  back(node: string, why: Unreachable): void;
  /** See LinkEvents. */
  interval_ms(node: string): number;
  patient(node: string): boolean;
}

/** The links to all nodes of a cluster, including the local one. */
export class Links {
  readonly #events: NodeEvents;
  readonly #links = new Map<string, Link>();

  constructor(events: NodeEvents) {
    this.#events = events;
  }

  /** Opens missing links and closes those that are no longer in the cluster file. Other links stay as they are. */
  set({ cluster, password }: Pick<NodeContext, "cluster" | "password">): void {
    const { interval, timeout } = cluster.agent;
    const times: LinkTimes = { redial_ms: interval * 1000, timeout_ms: timeout * 1000 };
    const wanted = new Map(cluster.nodes.map((node) => [node.name, endpointOf(cluster, node, password)] as const));
    for (const [name, link] of this.#links) {
      if (same(link, wanted.get(name), times)) continue;
      link.close();
      this.#links.delete(name);
    }
    for (const [name, endpoint] of wanted) if (!this.#links.has(name)) this.#add(name, endpoint, times);
  }

  /** An OpenSession over the links, for plans and checks. A server that is not a node gets a connection of its own. */
  readonly open: OpenSession = (endpoint, deadline_ms) => {
    const { host, port } = endpoint;
    const link = [...this.#links.values()].find((one) => one.endpoint.host === host && one.endpoint.port === port);
    return link ? link.open() : openConnection(endpoint, deadline_ms);
  };

  reachability(node: Node): Reachability {
    return this.#links.get(node.name)?.reachability ?? "refused";
  }

  /** Keepalived of another node was heard. */
  heard(local: string): void {
    for (const [name, link] of this.#links) if (name !== local) link.heard();
  }

  close(): void {
    for (const link of this.#links.values()) link.close();
    this.#links.clear();
  }

  #add(name: string, endpoint: Endpoint, times: LinkTimes): void {
    const current = () => this.#links.get(name) === link;
    const events: LinkEvents = {
      broke: () => current() && this.#events.broke(name),
      gone: (why) => current() && this.#events.gone(name, why),
      back: (why) => current() && this.#events.back(name, why),
      interval_ms: () => this.#events.interval_ms(name),
      patient: () => this.#events.patient(name),
    };
    const link = new Link(endpoint, times, events);
    this.#links.set(name, link);
    void link.keep();
  }
}

const same = (link: Link, endpoint: Endpoint | undefined, times: LinkTimes): boolean =>
  JSON.stringify([link.endpoint, link.times]) === JSON.stringify([endpoint, times]);
