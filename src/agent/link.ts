import { setTimeout as sleep } from "node:timers/promises";
import { answersAtOnce, link, reachability } from "../decide/link.ts";
import type { LinkEvent, LinkReaction, LinkState } from "../model/link.ts";
import type { Reachability } from "../model/observation.ts";
import { type Connection, openConnection } from "../redis/connection.ts";
import { type Endpoint, fullUp, ReplyError, type Session, Unreachable, unreachable } from "../redis/session.ts";
import { alignedTimer } from "../system/aligned-timer.ts";

export interface LinkEvents {
  /** What the table of decide/link.ts has to tell; `why` is the last failure. */
  broke(): void;
  gone(why: Unreachable): void;
  back(): void;
  /** Milliseconds from one question to the next, as long as it answers. */
  interval_ms(): number;
  /** Nobody waits for it: see decide/peer-gone.ts. */
  patient(): boolean;
}

export interface LinkTimes {
  redial_ms: number;
  timeout_ms: number;
}

const soon_ms = 2;

/**
 * One connection to one Redis that is kept, asked now and then whether it still answers, and made anew when it breaks. What others
 * ask goes over the same connection, so that a decision costs no connect.
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

  /** An OpenSession; closing what it gives closes nothing. */
  async open(): Promise<Session> {
    if (!this.#connection && answersAtOnce(this.#state, performance.now(), this.times.redial_ms)) throw this.#why;
    const connection = this.#connection ?? (await this.#dial());
    return { endpoint: this.endpoint, ask: connection.ask, close: () => undefined };
  }

  /** Keeps the link until it is closed. */
  async keep(): Promise<void> {
    while (!this.#closed) {
      const event = await this.#attempt();
      const { dial } = this.#happened(event);
      if (event.on === "connected") {
        const cause = await this.#watched();
        if (this.#closed) return;
        this.#why = cause;
        this.#happened({ on: "broke", cause: cause.why, patient: this.#events.patient(), at_ms: performance.now() });
      } else if (dial === "soon") await sleep(soon_ms);
      else if (dial === "redial") await sleep(this.times.redial_ms);
    }
  }

  close(): void {
    this.#closed = true;
    this.#connection?.close();
  }

  #happened(event: LinkEvent): LinkReaction {
    const reaction = link(this.#state, event);
    this.#state = reaction.state;
    if (this.#closed) return reaction;
    for (const told of reaction.tell) this.#events[told](this.#why);
    return reaction;
  }

  /** Dials; somebody who asked over the link may have done so first. */
  async #attempt(): Promise<LinkEvent> {
    try {
      if (!this.#connection) await this.#dial();
      return { on: "connected" };
    } catch (error) {
      // A full server lives: it says no to us, and serves the others.
      if (error instanceof ReplyError) return { on: "no-room" };
      this.#why = unreachable(this.endpoint, error);
      return { on: "failed", cause: this.#why.why, at_ms: performance.now() };
    }
  }

  /** Resolves with why the connection ended. */
  async #watched(): Promise<Unreachable> {
    const end = alignedTimer(this.#events.interval_ms, () => this.#connection?.probe());
    try {
      return await this.#ended;
    } finally {
      end();
    }
  }

  /**
   * The child of a BGSAVE holds the sockets of clients that are killed meanwhile (7.0.15): such a connection never closes and
   * never answers. A new one tells it from a Redis that hangs, before the time is up.
   */
  async #tryAnother(end: () => void): Promise<void> {
    try {
      const other = await openConnection(this.endpoint, this.times.timeout_ms / 2);
      await anyReply(other);
      other.close();
      end();
    } catch {
      // No answer here, either: the time-out of the first one tells.
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
    const over = new Promise<Unreachable>((resolve) => {
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
    this.#ended = over;
    return connection;
  }
}

/** LOADING, NOAUTH, MISCONF: an answer. "max number of clients" is one, too, but the connection ends with it. */
const anyReply = (connection: Connection): Promise<unknown> =>
  connection.ask("PING").catch((error: Error) => {
    if (!(error instanceof ReplyError) || fullUp(error)) throw error;
  });
