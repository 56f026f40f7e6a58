import { setTimeout as sleep } from "node:timers/promises";
import type { Reachability } from "../model/observation.ts";
import { type Connection, openConnection } from "../redis/connection.ts";
import { type Endpoint, ReplyError, type Session, Unreachable, unreachable } from "../redis/session.ts";
import { alignedTimer } from "../system/aligned-timer.ts";

export interface LinkEvents {
  /** The connection broke. That alone is no death: somebody may have said CLIENT KILL. */
  broke(): void;
  /** Nobody answers there: a new connection was refused, or nothing came within the time-out. */
  gone(why: Unreachable): void;
  /** It answers again, or for the first time. */
  back(): void;
  /** From one question to the next, as long as it answers. */
  pause_ms(): number;
  /** Nobody waits for it: one unanswered question is no hang yet, a second one over a new connection is. */
  patient(): boolean;
}

export interface Rhythm {
  redial_ms: number;
  timeout_ms: number;
}

// A server that is just ending closes its clients first and listens for a few milliseconds more: it takes a connection and
// ends it, and refuses the very next one.
const closings = 10;
const betweenClosings_ms = 2;

/**
 * One connection to one Redis that is kept, asked now and then whether it still answers, and made anew, every `redial_ms`, when it breaks.
 * What others ask goes over the same connection, so that a decision costs no connect.
 */
export class Link {
  readonly endpoint: Endpoint;
  readonly rhythm: Rhythm;
  readonly #events: LinkEvents;
  #session: Connection | undefined;
  #dialling: Promise<Connection> | undefined;
  #ended: Promise<Unreachable> = Promise.resolve(new Unreachable("closed", ""));
  /** It says nothing: whoever asks hears so at once, and not after another time-out. */
  #silent: Unreachable | undefined;
  /** Its host answered, and said that nobody listens there. */
  #refusal: { why: Unreachable; at_ms: number } | undefined;
  #over = false;

  constructor(endpoint: Endpoint, rhythm: Rhythm, events: LinkEvents) {
    this.endpoint = endpoint;
    this.rhythm = rhythm;
    this.#events = events;
  }

  get reach(): Reachability {
    if (this.#session) return "answers";
    return this.#refusal ? "refused" : "silent";
  }

  /** An OpenSession; closing what it gives closes nothing. */
  async open(): Promise<Session> {
    if (!this.#session && this.#silent) throw this.#silent;
    // It would be asked again as soon: while clients wait, that answer need not be waited for twice.
    const refusal = this.#refusal;
    if (!this.#session && refusal && performance.now() - refusal.at_ms < this.rhythm.redial_ms) throw refusal.why;
    const session = this.#session ?? (await this.#dial());
    return { endpoint: this.endpoint, ask: session.ask, close: () => undefined };
  }

  async keep(): Promise<void> {
    const { redial_ms } = this.rhythm;
    let told = false;
    let full = false;
    for (let closed = 0; !this.#over; ) {
      try {
        // Somebody who asked over it may have dialled first.
        if (!this.#session) await this.#dial();
        [told, full, closed] = [false, false, 0];
        this.#events.back();
        const why = await this.#watched();
        if (this.#over) return;
        this.#events.broke();
        if (why.why !== "timeout" || this.#events.patient()) continue;
        this.#silent = why;
        told = true;
        this.#events.gone(why);
      } catch (error) {
        const why = unreachable(this.endpoint, error);
        // A full server lives: it says no to us, and serves the others.
        const lives = error instanceof ReplyError;
        if (!lives && why.why === "closed" && ++closed < closings) {
          if (closed > 1) await sleep(betweenClosings_ms);
          continue;
        }
        this.#refusal = why.why === "refused" ? { why, at_ms: performance.now() } : undefined;
        if (!lives && ["timeout", "no-route"].includes(why.why)) this.#silent = why;
        if (!lives && !told && !this.#over) this.#events.gone(why);
        told = !lives;
        if (lives && !full) this.#events.back();
        full = lives;
        await sleep(redial_ms);
      }
    }
  }

  close(): void {
    this.#over = true;
    this.#session?.close();
  }

  /** Resolves with why the session ended. */
  async #watched(): Promise<Unreachable> {
    const end = alignedTimer(this.#events.pause_ms, () => this.#session?.probe());
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
  async #doubt(end: () => void): Promise<void> {
    try {
      const other = await openConnection(this.endpoint, this.rhythm.timeout_ms / 2);
      await other.ask("PING").catch((error) => {
        // LOADING, NOAUTH: an answer.
        if (!(error instanceof ReplyError)) throw error;
      });
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
    const session: Connection = await openConnection(this.endpoint, this.rhythm.timeout_ms, {
      ended: (why) => {
        if (this.#session === session) this.#session = undefined;
        ended(why);
      },
      slow: (stillWaiting) => void this.#doubt(() => stillWaiting() && session.close()),
    });
    try {
      await session.ask("PING");
    } catch (error) {
      // LOADING, NOAUTH, MISCONF: an answer. "max number of clients" is one, too, but the connection ends with it.
      if (!(error instanceof ReplyError) || error.message.includes("max number of clients")) {
        session.close();
        throw error;
      }
    }
    if (this.#over) session.close();
    this.#session = session;
    this.#refusal = undefined;
    this.#silent = undefined;
    this.#ended = over;
    return session;
  }
}
