import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { tables } from "../src/decide/transition.ts";

/** docs/decisions.md: the tables as they stand in the code. `npm run decisions` writes it, a test holds it to them. */
export const file = fileURLToPath(new URL("../docs/decisions.md", import.meta.url));

const meaning: Record<string, string> = {
  MASTER: "Keepalived gave this node the virtual IP (`notify-master`).",
  BACKUP: "Keepalived took it away, or has just started (`notify-backup`).",
  FAULT: "Keepalived found this node unfit (`notify-fault`).",
  STOP: "Keepalived is stopping (`notify-stop`).",
};

export function decisions(): string {
  const parts = Object.entries(tables).map(([transition, rows]) =>
    [
      `## ${transition}`,
      "",
      meaning[transition] ?? "",
      "",
      ...rows.map(({ when }, index) => `${index + 1}. ${when}`),
      "",
    ].join("\n"),
  );
  return `# What is decided, and when

Written by \`npm run decisions\` from the tables in \`src/decide/\`. The first row that fits decides; \`--dry-run\` of a hook
prints the row and its steps for the situation as it is. Before every table: a Redis of our own that doesn't answer, or
not us, is no one to give orders to; one that is loading is waited for.

${parts.join("\n")}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(file, decisions());

export const written = (): string => readFileSync(file, "utf8");
