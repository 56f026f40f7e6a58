import { existsSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import type { Lab } from "../lab.ts";
import { monotonic_ms, sleep } from "../machine/process.ts";
import type { Server } from "../server/server.ts";
import { dumpsOf, type Entry, inNoDump, quarantineFolder, savedDumpsFolder } from "./dumps.ts";
import type { Place } from "./kept-verdict.ts";

// The keys of 150,000 writes of a script are looked for in 25 s on busy cores.
const applied_ms = 40_000;
const command_ms = 60_000;
const ends: readonly unknown[] = ["diverged-applied", "diverged-not-applied"];

interface ListedNode {
  node: string;
  files: { id: number; kind: "writes" | "dump" }[];
}

interface DryRun {
  applied: { keys?: string[] }[][];
  conflicts: { why: string; kept: { keys?: string[] }[] }[];
}

/** What the nodes of a lab have kept, and what `diverged apply` did with it, which they start by themselves. */
export class KeptFiles {
  readonly #lab: Lab;
  /** Files that were waited for. */
  readonly #known = new Set<string>();
  #applied = 0;

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  /** Waits until every `diverged apply` has ended, and returns how many writes they have applied since the last call. */
  async untilApplied(print: (text: string) => void): Promise<number> {
    const end_ms = monotonic_ms() + applied_ms;
    let open = await this.#open();
    while (open.length > 0 && monotonic_ms() < end_ms) {
      await sleep(300);
      open = await this.#open();
    }
    for (const one of open) {
      print(`no \`diverged apply\` of ${one} has ended`);
      this.#known.add(one);
    }
    const before = this.#applied;
    this.#applied = this.#lab.servers.reduce((sum, server) => sum + appliedOn(server), 0);
    return this.#applied - before;
  }

  async #open(): Promise<string[]> {
    const all = await Promise.all(
      this.#lab.servers.map(async (server) => {
        if (!existsSync(server.disk.at(quarantineFolder))) return [];
        const { stdout } = await server.must(["/opt/keepalived-redis/diverged", "list", "--json"]);
        const ended = new Set(server.log().flatMap(({ event, id }) => (ends.includes(event) ? String(id) : [])));
        const listed = (JSON.parse(stdout) as ListedNode[]).find(({ node }) => node === server.name);
        return (listed?.files ?? [])
          .filter(({ kind, id }) => kind === "writes" && !ended.has(String(id)))
          .map(({ id }) => `${id} of ${server.name}`);
      }),
    );
    return all.flat().filter((one) => !this.#known.has(one));
  }

  /** In which files each of these writes is, and what is said of it there. */
  async placesOf<E extends Entry>(entries: readonly E[]): Promise<Map<E, Place[]>> {
    const places = new Map<E, Place[]>();
    if (entries.length === 0) return places;
    for (const server of this.#lab.servers) {
      for (const path of dumpsOf([server])) {
        const absent = new Set(await inNoDump(entries, [path]));
        const present = entries.filter((entry) => !absent.has(entry));
        if (present.length === 0) continue;
        const placeOf = await this.#placesIn(server, path);
        for (const entry of present) places.set(entry, [...(places.get(entry) ?? []), placeOf(entry.key)]);
      }
    }
    return places;
  }

  async #placesIn(server: Server, path: string): Promise<(key: string) => Place> {
    const file = `${server.name}:${basename(path)}`;
    if (path.startsWith(server.disk.at(savedDumpsFolder))) return () => ({ is: "taken away", file });
    if (path.endsWith(".rdb")) {
      const description = path.replace(/\.rdb$/, ".json");
      const about = existsSync(description) ? JSON.parse(readFileSync(description, "utf8")) : {};
      return () => ({ is: "in a dump", file, because: about.no_writes_because });
    }
    const id = String(Number(basename(path).slice(0, 6)));
    const { code, stdout, stderr } = await server.run(["diverged", "apply", id, "--dry-run", "--json"], {
      deadline_ms: command_ms,
    });
    if (/all of these writes were applied/.test(stderr)) return () => ({ is: "applied", file });
    if (code !== 0) return () => ({ is: "refused", file, why: stderr.trim() });
    return placeOfKey(file, JSON.parse(stdout) as DryRun);
  }
}

function placeOfKey(file: string, { applied, conflicts }: DryRun): (key: string) => Place {
  const keysOf = (unit: { keys?: string[] }[]) => unit.flatMap(({ keys }) => keys ?? []);
  const left = new Set(applied.flatMap(keysOf));
  const why = new Map(conflicts.flatMap((one) => keysOf(one.kept).map((key) => [key, one.why])));
  return (key) => {
    const conflict = why.get(key);
    if (conflict !== undefined) return { is: "a conflict", file, why: conflict };
    return left.has(key) ? { is: "not applied", file } : { is: "applied", file };
  };
}

const appliedOn = (server: Server): number =>
  server.log().reduce((sum, { event, applied }) => sum + (event === "diverged-applied" ? Number(applied) : 0), 0);
