import { applyKept } from "../src/admin/diverged/apply.ts";
import { applyLocked } from "../src/admin/diverged/apply-again.ts";
import { find } from "../src/admin/diverged/find-kept.ts";
import { conflictLines, unitLines, writeJson } from "../src/admin/diverged/lines.ts";
import { list } from "../src/admin/diverged/list.ts";
import { show } from "../src/admin/diverged/show.ts";
import { openAdmin } from "../src/admin/open-admin.ts";
import { withUserErrors } from "../src/admin/user-errors.ts";
import { runCli } from "../src/cli/cli.ts";
import { UsageError } from "../src/cluster/errors.ts";

interface Options {
  key: string | undefined;
  "dry-run": boolean;
  force: string[] | undefined;
  all: boolean;
  wait: number;
}

type Print = (lines: readonly string[], json: unknown) => void;
type Admin = Awaited<ReturnType<typeof openAdmin>>;

void runCli({
  name: "diverged",
  summary:
    "diverged list | show ID | apply ID: the writes that this node had taken and its new master lacks. They are applied to the master, unless both sides changed the same key.",
  words: true,
  options: (argv) =>
    argv
      .option("key", { type: "string", requiresArg: true, describe: "show: only keys that fit this, as in KEYS" })
      .option("dry-run", { type: "boolean", default: false, describe: "apply: what would be applied, and what not" })
      .option("force", {
        type: "string",
        array: true,
        requiresArg: true,
        describe: "apply: the writes of these keys, whatever the master did",
      })
      .option("all", { type: "boolean", default: false, describe: "apply: all writes, whatever the master did" })
      .option("wait", {
        type: "number",
        default: 0,
        requiresArg: true,
        describe: "apply: so many seconds for a master, and begin again if it is lost",
      })
      .option("json", { type: "boolean", default: false, describe: "print JSON" }),
  async run(options, [word, id, ...more]) {
    if (
      !["list", "show", "apply"].includes(String(word)) ||
      more.length > 0 ||
      (word === "list") !== (id === undefined)
    )
      throw new UsageError("say `diverged list`, `diverged show ID` or `diverged apply ID`");
    if (id !== undefined && id !== "latest" && !/^\d{1,15}$/.test(id))
      throw new UsageError(`${id} is no ID`, { remedy: "`diverged list` shows the IDs" });
    if (!(options.wait >= 0)) throw new UsageError("--wait is a number of seconds");
    const admin = await openAdmin("diverged", options);
    const print: Print = (lines, json) =>
      process.stdout.write(options.json ? `${JSON.stringify(json)}\n` : lines.map((line) => `${line}\n`).join(""));
    try {
      if (word === "list") {
        const { lines, json } = await list(admin);
        print(lines, json);
        return 0;
      }
      const kept = find(admin.paths.quarantine, id === "latest" ? id : Number(id));
      if (word === "apply") return await apply(admin, kept, options, print);
      const shown = await withUserErrors(show(admin, kept, options.key));
      print(
        shown.flatMap(({ lines }) => lines),
        shown.map(({ json }) => json),
      );
      return 0;
    } finally {
      await admin.close();
    }
  },
});

async function apply(admin: Admin, kept: ReturnType<typeof find>, options: Options, print: Print): Promise<number> {
  const dryRun = options["dry-run"];
  const forced = {
    all: options.all,
    keys: new Set((options.force ?? []).map((key) => Buffer.from(key, "utf8").toString("latin1"))),
  };
  const attempt = () => applyKept(admin, find(admin.paths.quarantine, kept.id), forced, dryRun);
  // Also if it is only tried: the description is written.
  const applying = withUserErrors(applyLocked(kept.file, attempt, options.wait, admin.proceed));
  // Nobody reads the terminal where it was started by itself.
  applying.catch(({ message, remedy }) =>
    admin.log.warn("diverged-not-applied", "the kept writes are not applied", { id: kept.id, error: message, remedy }),
  );
  const { master, apply: applied, conflicts, failed } = await applying;
  const counts = { id: kept.id, to: master.name, applied: applied.length, conflicts: conflicts.length };
  if (dryRun)
    admin.log.info("diverged-tried", "looked which of the kept writes can be applied to the master", {
      ...counts,
      remedy: `\`diverged apply ${kept.id}\` on this node applies them`,
    });
  else
    admin.log.info("diverged-applied", "applied diverged writes to the master", { ...counts, failed: failed.length });
  const one = kept.kind === "dump" ? "key" : "write";
  const count = (units: readonly unknown[]) => `${units.length} ${units.length === 1 ? one : `${one}s`}`;
  print(
    [
      `${count(applied)} ${dryRun ? "would be applied" : "applied"} to ${master.name}, ${count(conflicts)} not`,
      ...conflicts.flatMap(conflictLines),
      ...failed.flatMap(({ unit, error }) => [`failed: ${error}`, ...unitLines(unit).map((line) => `  ${line}`)]),
    ],
    {
      master: master.name,
      dry_run: dryRun,
      applied: applied.map((unit) => unit.map(writeJson)),
      conflicts: conflicts.map(({ unit, key, why, theirs }) => ({
        ...{ why, key: key?.name, database: key?.database },
        ...{ kept: unit.map(writeJson), master: theirs && writeJson(theirs) },
      })),
      failed: failed.map(({ unit, error }) => ({ error, kept: unit.map(writeJson) })),
    },
  );
  return failed.length > 0 ? 1 : 0;
}
