import { readTrackFile, writeTrackFile } from "../keepalived/track-file.ts";
import type { Observation } from "../model/observation.ts";
import type { Transition } from "../model/transition.ts";
import type { Verdict } from "../model/verdict.ts";
import { checkHealth, type VerdictChange } from "../monitor/health-check.ts";
import { draining } from "../state/drain.ts";
import { uptime_s } from "../system/clock.ts";
import { partFromClients, welcomeClients } from "./client-access.ts";
import type { Ground } from "./ground.ts";

// A replica that was parked because a connection broke follows again within milliseconds if its master lives.
const parkedGrace_s = 1;
// As often as a monitor would. More, and two nodes that both have the virtual IP would pass the role to and fro.
const repair_s = 1;
// Keepalived reads a track file within milliseconds (7 measured); one that hasn't by then hangs.
const unheard_s = 1.5;

const aside_ms = 20;
// A load or a full copy ends at any moment, and until Keepalived hears of it nobody could take over from the master.
const nearlyFit = ["loading", "incomplete"];
const lookAgain_ms = 100;

export interface Keeper {
  ground(): Ground;
  /** What Keepalived asked for last, and whether we are still at it. */
  latest(): { transition: Transition | undefined; atWork: boolean };
  /** Redis isn't what this transition would have made of it. */
  repair(transition: Transition): Promise<void>;
  /** After each look. */
  looked(seen: Observation | undefined, holder: boolean): void;
}

/** The monitor of the agent: whether this node may hold the virtual IP, said to Keepalived by a track file of its own. */
export class Fitness {
  readonly #keeper: Keeper;
  #checking = false;
  #again = false;
  #over = false;
  /** Our Redis is gone: whatever a look that began before says, it is unfit. */
  #down = false;
  #parked_s = Number.NEGATIVE_INFINITY;
  #repaired_s = Number.NEGATIVE_INFINITY;
  #withheld: VerdictChange | undefined;
  #said: number | undefined;
  #said_s = 0;
  #soon: NodeJS.Timeout | undefined;
  seen: Observation | undefined;
  verdict: Verdict | undefined;

  constructor(keeper: Keeper) {
    this.#keeper = keeper;
  }

  /**
   * Looks at our Redis and at what else decides, and has put right what isn't as Keepalived asked for. `addresses` are this host's,
   * where they were read just now.
   */
  check(addresses?: string[]): void {
    this.#again = true;
    if (!this.#checking) void this.#checkAll(addresses);
  }

  /** At once: the peers are waiting. */
  gone(): void {
    this.#down = true;
    this.#say(0);
    // Keepalived has to run now, and may have to on this processor.
    setTimeout(() => this.check(), aside_ms);
  }

  back(): void {
    this.#down = false;
    this.check();
  }

  parked(): void {
    this.#parked_s = uptime_s();
  }

  /** Keepalived was told that this node is unfit, and had the time to do something about it. */
  get unheard(): boolean {
    return this.#said === 0 && uptime_s() - this.#said_s > unheard_s;
  }

  stop(): void {
    this.#over = true;
    clearTimeout(this.#soon);
  }

  async #checkAll(addresses?: string[]): Promise<void> {
    this.#checking = true;
    for (let known = addresses; this.#again && !this.#over; known = undefined) {
      this.#again = false;
      const ground = this.#keeper.ground();
      try {
        await this.#checkOnce(ground, known);
      } catch (error) {
        ground.log.error("the check failed", { error: (error as Error).message });
      }
    }
    this.#checking = false;
  }

  async #checkOnce(ground: Ground, addresses: string[] | undefined): Promise<void> {
    const keeper = this.#keeper;
    const again = async (transition: Transition) => {
      if (uptime_s() - this.#repaired_s < repair_s) return;
      this.#repaired_s = uptime_s();
      await keeper.repair(transition);
    };
    const { verdict, news, seen, holder } = await checkHealth({
      ...ground,
      addresses,
      latest: () => keeper.latest(),
      repair: again,
    });
    if (this.#over) return;
    this.verdict = verdict;
    this.seen = seen ?? this.seen;
    const parting = verdict.cause === "draining" && holder;
    await (parting ? partFromClients(ground) : welcomeClients(ground));
    const justParked =
      this.#said === 1 && verdict.cause === "not-following" && uptime_s() - this.#parked_s < parkedGrace_s;
    // Within its grace it isn't held against this node, so it is no news; after it, the check finds nothing new to tell.
    const due = news ?? (verdict.healthy ? undefined : this.#withheld);
    if (due && !justParked) ground.log[due.level](due.message, due.fields);
    this.#withheld = justParked ? due : undefined;
    this.#say((verdict.healthy || justParked) && !this.#down ? 1 : 0);
    if (!verdict.healthy && nearlyFit.includes(verdict.cause)) this.#lookAgain();
    keeper.looked(this.seen, holder);
  }

  #lookAgain(): void {
    clearTimeout(this.#soon);
    this.#soon = setTimeout(() => this.check(), lookAgain_ms);
  }

  #say(fit: 0 | 1): void {
    const { paths, log } = this.#keeper.ground();
    const wish = draining(paths.drain) ? 0 : fit;
    // The file, not our memory: a monitor that found us silent for a while has written there, too.
    if (wish === this.#said && wish === readTrackFile(paths.agentHealth)) return;
    try {
      writeTrackFile(paths.agentHealth, wish);
      if (wish !== this.#said) this.#said_s = uptime_s();
      this.#said = wish;
    } catch (error) {
      log.error("can't write the track file", { file: paths.agentHealth, error: (error as Error).message });
    }
  }
}
