import type { Server } from "../server/server.ts";
import type { MasterReport } from "../watch/master-report.ts";
import type { ServingReport } from "./serving-watch.ts";

interface Event {
  at_ms: number;
  text: string;
}

const maxText = 300;
const omitted = new Set([
  "timestamp",
  "level",
  "message",
  "node",
  "cluster",
  "executable",
  "id",
  "healthy",
  "transition",
]);

/** The events of a round in order of time: the actions of the test, the states of the servers, and the log of the product. */
export class RoundLog {
  readonly #events: Event[] = [];
  readonly #start_ms: number;
  /** The same moment in the clock of the logs. */
  readonly #date_ms = Date.now();

  constructor(start_ms: number) {
    this.#start_ms = start_ms;
  }

  add(at_ms: number, text: string): void {
    this.#events.push({ at_ms: at_ms - this.#start_ms, text });
  }

  addMasters({ changes }: MasterReport): void {
    for (const { at_ms, server, state } of changes) this.add(at_ms, `${server} = ${state}`);
  }

  addVip({ vip }: ServingReport): void {
    for (const [server, readings] of vip) {
      readings.forEach(({ holds, asked_ms }, index) => {
        if (holds !== (readings[index - 1]?.holds ?? false))
          this.add(asked_ms, `${server} ${holds ? "has" : "no longer has"} the virtual IP`);
      });
    }
  }

  addLogs(servers: readonly Server[]): void {
    for (const server of servers) {
      for (const line of server.log()) {
        const at_ms = Date.parse(line.timestamp ?? "") - this.#date_ms;
        if (!(at_ms >= 0)) continue;
        const { executable, transition, message, ...others } = line;
        const rest = Object.entries(others).filter(([name, value]) => !omitted.has(name) && value !== undefined);
        const facts = rest.map(
          ([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`,
        );
        this.#events.push({
          at_ms,
          text: `${server.name} ${executable} ${message} ${facts.join(" ")}`.slice(0, maxText),
        });
      }
    }
  }

  toString(): string {
    const events = [...this.#events].sort((one, other) => one.at_ms - other.at_ms);
    return events.map(({ at_ms, text }) => `${at_ms.toFixed(0).padStart(6)} ms  ${text}`).join("\n");
  }
}
