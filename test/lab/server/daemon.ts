import type { Host } from "../machine/host.ts";
import { type HostProcess, isAlive, processesOf } from "../machine/host-processes.ts";
import { monotonic_ms, sleep } from "../machine/process.ts";

// Redis waits up to ten seconds for a replica that lags before it ends (shutdown-timeout).
const end_ms = 15_000;

/** A service of a host: how to start it, and how to find its processes. */
export interface Service {
  /** As in /proc/PID/comm, 15 characters at most. */
  name: string;
  startCommand: readonly string[];
  /** Whether a process of that name belongs to the service, if others may have the same name. */
  isOurs?(process: HostProcess, host: Host): boolean;
}

/** A service on a host. Signals are sent by the test process itself, without starting a command on the host. */
export class Daemon {
  readonly #host: Host;
  readonly #service: Service;
  #stopping: Promise<void> | undefined;

  constructor(host: Host, service: Service) {
    this.#host = host;
    this.#service = service;
  }

  /** Its processes, also stopped ones. The first one is the main process, the parent of the others. */
  processes(): HostProcess[] {
    const { name, isOurs } = this.#service;
    if (this.#host.firstProcess === undefined) return [];
    return processesOf(this.#host.firstProcess).filter(
      (one) => one.name === name && (isOurs?.(one, this.#host) ?? true),
    );
  }

  get runs(): boolean {
    return this.processes().length > 0;
  }

  /** As systemd: a stop at work ends first. */
  async start(args: readonly string[] = []): Promise<void> {
    await this.#stopping?.catch(() => undefined);
    await this.#host.must([...this.#service.startCommand, ...args]);
  }

  /** Sends SIGTERM to its main process, and waits for its end. */
  async stop(): Promise<void> {
    const all = this.#running();
    signal("SIGTERM", all.slice(0, 1));
    this.#stopping = this.#waitForEnd(all).finally(() => {
      this.#stopping = undefined;
    });
    await this.#stopping;
  }

  /** kill -9 of all its processes. */
  async kill(): Promise<void> {
    const all = this.#running();
    // Stopped first: otherwise Keepalived's child would see its parent die, and remove the VIP.
    signal("SIGSTOP", all);
    signal("SIGKILL", all);
    await this.#waitForEnd(all);
  }

  /** Not while it stops: it would never end. */
  async hang(): Promise<void> {
    if (this.#stopping) throw new Error(`${this.#host.name}: ${this.#service.name} is stopping`);
    signal("SIGSTOP", this.#running());
  }

  async resume(): Promise<void> {
    signal("SIGCONT", this.#running());
  }

  /** As systemd: not while it stops. Keepalived 2.2.7 that gets SIGHUP after SIGTERM ran on without taking part (seen once). */
  async reload(): Promise<void> {
    if (this.#stopping) throw new Error(`${this.#host.name}: ${this.#service.name} is stopping`);
    signal("SIGHUP", this.#running().slice(0, 1));
  }

  #running(): HostProcess[] {
    const all = this.processes();
    if (all.length === 0) throw new Error(`${this.#host.name}: ${this.#service.name} does not run`);
    return all;
  }

  async #waitForEnd(all: readonly HostProcess[]): Promise<void> {
    const end = monotonic_ms() + end_ms;
    while (all.some(({ pid }) => isAlive(pid))) {
      if (monotonic_ms() > end)
        throw new Error(`${this.#host.name}: ${this.#service.name} still runs after ${end_ms} ms`);
      await sleep(2);
    }
  }
}

function signal(name: NodeJS.Signals, processes: readonly HostProcess[]): void {
  for (const { pid } of processes) {
    try {
      process.kill(pid, name);
    } catch (error) {
      // It ended since it was listed.
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}
