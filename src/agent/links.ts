import type { Cluster, Node } from "../cluster/schema.ts";
import type { Reachability } from "../model/observation.ts";
import { openConnection } from "../redis/connection.ts";
import { type Endpoint, endpointOf, type OpenSession, type Unreachable } from "../redis/session.ts";
import { Link, type LinkEvents, type Rhythm } from "./link.ts";

export interface NodeEvents {
  broke(node: string): void;
  gone(node: string, why: Unreachable): void;
  back(node: string): void;
  /** From one question to the next. */
  pause_ms(node: string): number;
  /** See LinkEvents. */
  patient(node: string): boolean;
}

/** The links to all nodes of a cluster, this one's included. */
export class Links {
  readonly #events: NodeEvents;
  readonly #links = new Map<string, Link>();

  constructor(events: NodeEvents) {
    this.#events = events;
  }

  /** Makes the links that are missing and ends those that are no longer wanted; the others stay as they are. */
  set({ nodes, agent, ...cluster }: Cluster, password: string | undefined): void {
    const timeout_ms = agent.timeout * 1000;
    const redial_ms = agent.interval * 1000;
    const rhythm: Rhythm = { redial_ms, timeout_ms };
    const wanted = new Map(
      nodes.map((node) => [node.name, endpointOf({ ...cluster, nodes, agent }, node, password)] as const),
    );
    for (const [name, link] of this.#links) {
      if (same(link, wanted.get(name), rhythm)) continue;
      link.close();
      this.#links.delete(name);
    }
    for (const [name, endpoint] of wanted) if (!this.#links.has(name)) this.#add(name, endpoint, rhythm);
  }

  /** An OpenSession over the links, for everything that hooks would open a connection for. */
  readonly open: OpenSession = (endpoint, deadline_ms) => {
    const { host, port } = endpoint;
    const link = [...this.#links.values()].find((one) => one.endpoint.host === host && one.endpoint.port === port);
    return link ? link.open() : openConnection(endpoint, deadline_ms);
  };

  reach(node: Node): Reachability {
    return this.#links.get(node.name)?.reach ?? "refused";
  }

  close(): void {
    for (const link of this.#links.values()) link.close();
    this.#links.clear();
  }

  #add(name: string, endpoint: Endpoint, rhythm: Rhythm): void {
    const current = () => this.#links.get(name) === link;
    const events: LinkEvents = {
      broke: () => current() && this.#events.broke(name),
      gone: (why) => current() && this.#events.gone(name, why),
      back: () => current() && this.#events.back(name),
      pause_ms: () => this.#events.pause_ms(name),
      patient: () => this.#events.patient(name),
    };
    const link = new Link(endpoint, rhythm, events);
    this.#links.set(name, link);
    void link.keep();
  }
}

const same = (link: Link, endpoint: Endpoint | undefined, rhythm: Rhythm): boolean =>
  JSON.stringify([link.endpoint, link.rhythm]) === JSON.stringify([endpoint, rhythm]);
