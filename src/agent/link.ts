import { setTimeout as sleep } from "node:timers/promises";
import { answersAtOnce, link, reachability } from "../decide/link.ts";
import type { LinkEvent, LinkReaction, LinkState } from "../model/link.ts";
import type { Reachability } from "../model/observation.ts";
import { type Connection, openConnection } from "../redis/connection.ts";
import { type Endpoint, fullUp, ReplyError, type Session, Unreachable, unreachable } from "../redis/session.ts";
import { alignedTimer } from "../system/aligned-timer.ts";

export interface LinkEvents {
  /** Called as the table in decide/link.ts says. `why` is the last failure; its message is empty if there was none. */
  broke(): void;
  gone(why: Unreachable): void;
  back(why: Unreachable): void;
  /** Milliseconds from one PING to the next, while the server answers. */
  interval_ms(): number;
  /** Give a hung server a second attempt: see isPatient in decide/agent/polling.ts. */
  patient(): boolean;
}

export interface LinkTimes {
  redial_ms: number;
  timeout_ms: number;
}

const soon_ms = 2;

/**
 * A permanent connection to one Redis. It is polled by PING, and opened again when it breaks. Plans and checks use the same
 * connection, so that a decision need not wait for a connect.
 */
export class Link {
  readonly endpoint: Endpoint;
  readonly times: LinkTimes;
  readonly #events: LinkEvents;
  #state: LinkState = { is: "connecting", closed: 0 };
  #why = new Unreachable("closed", "");
  #connection: Connection | undefined;
  #dialling: Promise<Connection> | undefined;
  #ended: Promise<Unreachable> = Promise.resolve(this.#why);
  #closed = false;

  constructor(endpoint: Endpoint, times: LinkTimes, events: LinkEvents) {
    this.endpoint = endpoint;
    this.times = times;
    this.#events = events;
  }

  get reachability(): Reachability {
    return this.#connection ? "answers" : reachability(this.#state);
  }

  /** An OpenSession. To close the session does not close the link. */
  async open(): Promise<Session> {
    if (!this.#connection && answersAtOnce(this.#state, performance.now(), this.times.redial_ms)) throw this.#why;
    const connection = this.#connection ?? (await this.#dial());
    return { endpoint: this.endpoint, ask: connection.ask, close: () => undefined };
  }

  /** Keeps the link connected until `close`. */
  async keep(): Promise<void> {
    while (!this.#closed) {
      const event = await this.#attempt();
      const { dial } = this.#handle(event);
      if (event.on === "connected") {
        const cause = await this.#pollUntilEnd();
        if (this.#closed) return;
        this.#why = cause;
        this.#handle({ on: "broke", cause: cause.why, patient: this.#events.patient(), at_ms: performance.now() });
      } else if (dial === "soon") await sleep(soon_ms);
      else if (dial === "redial") await sleep(this.times.redial_ms);
    }
  }

  /** Keepalived of another node was heard. */
  heard(): void {
    this.#handle({ on: "heard" });
  }

  close(): void {
    this.#closed = true;
    this.#connection?.close();
  }

  #handle(event: LinkEvent): LinkReaction {
    const reaction = link(this.#state, event);
    this.#state = reaction.state;
    if (this.#closed) return reaction;
    for (const event of reaction.tell) this.#events[event](this.#why);
    return reaction;
  }

  /** Connects, unless a caller of `open` has done so already. */
  async #attempt(): Promise<LinkEvent> {
    try {
      if (!this.#connection) await this.#dial();
      return { on: "connected" };
    } catch (error) {
      // A server with too many clients still runs: it rejects only new connections.
      if (error instanceof ReplyError) return { on: "no-room" };
      this.#why = unreachable(this.endpoint, error);
      return { on: "failed", cause: this.#why.why, at_ms: performance.now() };
    }
  }

  /** Resolves with why the connection ended. */
  async #pollUntilEnd(): Promise<Unreachable> {
    const end = alignedTimer(this.#events.interval_ms, () => this.#connection?.probe());
    try {
      return await this.#ended;
    } finally {
      end();
    }
  }

  /**
   * The child of a BGSAVE keeps the sockets of clients that are killed during the save (7.0.15): such a connection is never closed, and
   * gets no replies. A second connection shows, before the time-out, that Redis itself answers.
   */
  async #tryAnother(end: () => void): Promise<void> {
    try {
      const other = await openConnection(this.endpoint, this.times.timeout_ms / 2);
      await anyReply(other);
      other.close();
      end();
    } catch {
      // No reply, either: the first connection runs into its time-out.
    }
  }

  #dial(): Promise<Connection> {
    this.#dialling ??= this.#connect().finally(() => {
      this.#dialling = undefined;
    });
    return this.#dialling;
  }

  async #connect(): Promise<Connection> {
    let ended = (_why: Unreachable): void => undefined;
    const untilEnded = new Promise<Unreachable>((resolve) => {
      ended = resolve;
    });
    const connection: Connection = await openConnection(this.endpoint, this.times.timeout_ms, {
      ended: (why) => {
        if (this.#connection === connection) this.#connection = undefined;
        ended(why);
      },
      slow: (stillWaiting) => void this.#tryAnother(() => stillWaiting() && connection.close()),
    });
    try {
      await anyReply(connection);
    } catch (error) {
      connection.close();
      throw error;
    }
    if (this.#closed) connection.close();
    this.#connection = connection;
    this.#ended = untilEnded;
    return connection;
  }
}

/** Error replies such as LOADING, NOAUTH and MISCONF count as replies, but not "max number of clients": it ends the connection. */
const anyReply = (connection: Connection): Promise<unknown> =>
  connection.ask("PING").catch((error: Error) => {
    if (!(error instanceof ReplyError) || fullUp(error)) throw error;
  });
