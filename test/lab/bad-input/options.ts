import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { commandsOf } from "../../../scripts/package/help.ts";

const dist = fileURLToPath(new URL("../../../dist/", import.meta.url));

/** An option of an executable, as a test of bad input needs it. */
export interface KnownOption {
  name: string;
  takesValue: boolean;
}

/** An executable with all of its options. */
export interface Executable {
  name: string;
  options: KnownOption[];
}

/** Options that the help does not list. */
const unlisted: Record<string, string[]> = Object.fromEntries(
  ["master", "backup", "fault", "stop"].map((transition) => [`notify-${transition}`, ["repair"]]),
);

/** Every executable in dist/ with the options of its help: a new one is tried without being named here. */
export async function allExecutables(): Promise<Executable[]> {
  const names = readdirSync(dist).filter((name) => (statSync(join(dist, name)).mode & 0o111) !== 0);
  const isShell = (name: string) => readFileSync(join(dist, name), "utf8").startsWith("#!/bin/sh\n");
  const commands = await commandsOf(
    names.filter((name) => !isShell(name)).map((name) => ({ name, path: join(dist, name) })),
  );
  return [
    // check-health, which takes no options.
    ...names.filter(isShell).map((name) => ({ name, options: [] })),
    ...commands.map(({ name, options }) => ({
      name,
      options: [
        ...options.map((option) => ({ name: option.name, takesValue: option.value !== undefined })),
        ...(unlisted[name] ?? []).map((option) => ({ name: option, takesValue: false })),
      ],
    })),
  ];
}
