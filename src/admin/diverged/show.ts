import { keysOf } from "../../decide/diverged.ts";
import type { Kept } from "../../model/kept.ts";
import { KeyFinder } from "../../redis/find-keys.ts";
import { withDump } from "../../redis/private-server.ts";
import type { KeptFile } from "../../state/kept-files.ts";
import { unitsOf } from "./apply.ts";
import type { DivergedContext } from "./context.ts";
import { shownKeys } from "./dump-keys.ts";
import { fits } from "./key-pattern.ts";
import { localExecutable, sessionForKeys } from "./key-session.ts";
import { unitLines, writeJson } from "./lines.ts";
import { bytesJson, printable } from "./printable.ts";

/** As lines of text, and as JSON. */
interface Shown {
  lines: string[];
  json: unknown;
}

/** The writes of a file, or the keys of a dump. */
export async function show(
  context: DivergedContext,
  { kind, file }: KeptFile & { about: Kept },
  pattern: string | undefined,
): Promise<Shown[]> {
  const wanted = pattern === undefined ? () => true : fits(pattern);
  return kind === "writes" ? writesOf(context, file, wanted) : keysOfDump(context, file, wanted);
}

async function writesOf(context: DivergedContext, file: string, wanted: (key: string) => boolean): Promise<Shown[]> {
  const session = await sessionForKeys(context);
  try {
    const units = await unitsOf(file, new KeyFinder(session));
    return units
      .filter((unit) => {
        const names = keysOf(unit).map(({ name }) => Buffer.from(name, "latin1").toString("utf8"));
        return names.some(wanted) || unit.some(({ keys }) => keys === undefined);
      })
      .map((unit) => ({ lines: unitLines(unit), json: unit.map(writeJson) }));
  } finally {
    session.close();
  }
}

async function keysOfDump(context: DivergedContext, file: string, wanted: (key: string) => boolean): Promise<Shown[]> {
  const found: Shown[] = [];
  await withDump(file, await localExecutable(context), context.proceed, async (dump) => {
    for await (const batch of shownKeys(dump))
      for (const { database, key, value } of batch)
        if (wanted(key.toString("utf8")))
          found.push({
            lines: [`db${database} ${printable(key)}: ${value}`],
            json: { database, key: bytesJson(key), value },
          });
  });
  return found;
}
