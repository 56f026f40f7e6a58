import type { NodeContext } from "../cluster/context.ts";
import type { Cluster } from "../cluster/schema.ts";
import { type Connection, openConnection } from "../redis/connection.ts";
import { endpointOf, type Session } from "../redis/session.ts";

/**
 * The connection over which this agent announces something at a Redis: that this node would take the virtual IP, at its own; that the role
 * moves there, at the preferred node's. It is one of its own: a subscribed one can't ask anything else.
 */
export class Announcement {
  readonly #ended: () => void;
  readonly #announce: (session: Session, cluster: Cluster) => Promise<unknown>;
  #turn = 0;
  #connection: Connection | undefined;

  /** `ended` is called when Redis ends an announcement. */
  constructor(announce: (session: Session, cluster: Cluster) => Promise<unknown>, ended: () => void) {
    this.#announce = announce;
    this.#ended = ended;
  }

  /** Never rejects. */
  async set(
    on: boolean,
    { cluster, node, password }: Pick<NodeContext, "cluster" | "node" | "password">,
  ): Promise<void> {
    const turn = ++this.#turn;
    this.#close();
    if (!on) return;
    let connection: Connection | undefined;
    try {
      const opened: Connection = await openConnection(
        endpointOf(cluster, node, password),
        cluster.monitor.timeout * 1000,
        {
          ended: () => {
            if (this.#connection !== opened) return;
            this.#connection = undefined;
            this.#ended();
          },
        },
      );
      connection = opened;
      await this.#announce(opened, cluster);
      if (turn === this.#turn) this.#connection = opened;
      else opened.close();
    } catch {
      connection?.close();
      this.#ended();
    }
  }

  close(): void {
    this.#turn++;
    this.#close();
  }

  #close(): void {
    const connection = this.#connection;
    this.#connection = undefined;
    connection?.close();
  }
}
