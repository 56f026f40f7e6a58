import { applyLocked } from "../src/admin/apply-again.ts";
import { applyKept, keptFiles, keptWrites, sessionForKeys, unitsOf } from "../src/admin/diverged.ts";
import { openAdmin } from "../src/admin/open-admin.ts";
import { conflictLines, listLines, unitLines, writeJson } from "../src/admin/show-diverged.ts";
import { withUserErrors } from "../src/admin/user-errors.ts";
import { runCli } from "../src/cli/cli.ts";
import { UsageError } from "../src/cluster/errors.ts";
import { keysOf } from "../src/decide/diverged.ts";
import type { Unit } from "../src/model/diverged.ts";
import { KeyFinder } from "../src/redis/find-keys.ts";

void runCli({
  name: "diverged",
  summary:
    "diverged list | show ID | apply ID: the writes that this node had taken and its new master lacks. They are applied to the master, unless both sides changed the same key.",
  options: (argv) =>
    argv
      .option("key", { type: "string", requiresArg: true, describe: "show: only writes of keys that contain this" })
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
  async run(options) {
    const [word, id, ...more] = (options as unknown as { _: (string | number)[] })._;
    if (
      !["list", "show", "apply"].includes(String(word)) ||
      more.length > 0 ||
      (word === "list") !== (id === undefined)
    )
      throw new UsageError("say `diverged list`, `diverged show ID` or `diverged apply ID`");
    if (id !== undefined && id !== "latest" && !Number.isSafeInteger(Number(id)))
      throw new UsageError(`${id} is no ID`, { remedy: "`diverged list` shows the IDs" });
    if (!(options.wait >= 0)) throw new UsageError("--wait is a number of seconds");
    const admin = await openAdmin("diverged", options);
    const print = (lines: readonly string[], json: unknown) =>
      process.stdout.write(options.json ? `${JSON.stringify(json)}\n` : lines.map((line) => `${line}\n`).join(""));
    try {
      const folder = admin.paths.quarantine;
      if (word === "list") {
        const files = keptFiles(folder);
        print(files.length > 0 ? listLines(files) : ["nothing is kept on this node"], files);
        return 0;
      }
      const kept = keptWrites(folder, id === "latest" ? id : Number(id));
      if (word === "show") {
        const session = await withUserErrors(sessionForKeys(admin));
        try {
          const units = (await withUserErrors(unitsOf(kept.file, new KeyFinder(session)))).filter(has(options.key));
          print(
            units.flatMap(unitLines),
            units.map((unit) => unit.map(writeJson)),
          );
        } finally {
          session.close();
        }
        return 0;
      }
      const dryRun = options["dry-run"];
      const forced = {
        all: options.all,
        keys: new Set((options.force ?? []).map((key) => Buffer.from(key, "utf8").toString("latin1"))),
      };
      const attempt = () => applyKept(admin, keptWrites(folder, kept.id), forced, dryRun);
      const applying = withUserErrors(
        dryRun ? attempt() : applyLocked(kept.file, attempt, options.wait, admin.proceed),
      );
      // Nobody reads the terminal where it was started by itself.
      applying.catch(({ message, remedy }) =>
        admin.log.warn("diverged-not-applied", "the kept writes are not applied", {
          id: kept.id,
          error: message,
          remedy,
        }),
      );
      const { master, apply, conflicts, failed } = await applying;
      const count = (units: readonly unknown[]) => `${units.length} ${units.length === 1 ? "write" : "writes"}`;
      if (!dryRun)
        admin.log.info("diverged-applied", "applied diverged writes to the master", {
          ...{
            id: kept.id,
            to: master.name,
            applied: apply.length,
            conflicts: conflicts.length,
            failed: failed.length,
          },
        });
      print(
        [
          `${count(apply)} ${dryRun ? "would be applied" : "applied"} to ${master.name}, ${count(conflicts)} not`,
          ...conflicts.flatMap(conflictLines),
          ...failed.flatMap(({ unit, error }) => [`failed: ${error}`, ...unitLines(unit).map((line) => `  ${line}`)]),
        ],
        {
          master: master.name,
          dry_run: dryRun,
          applied: apply.map((unit) => unit.map(writeJson)),
          conflicts: conflicts.map(({ unit, key, why, theirs }) => ({
            ...{ why, key: key?.name, database: key?.database },
            ...{ kept: unit.map(writeJson), master: theirs && writeJson(theirs) },
          })),
          failed: failed.map(({ unit, error }) => ({ error, kept: unit.map(writeJson) })),
        },
      );
      return failed.length > 0 ? 1 : 0;
    } finally {
      await admin.close();
    }
  },
});

const has =
  (text: string | undefined) =>
  (unit: Unit): boolean =>
    text === undefined || keysOf(unit).some(({ name }) => Buffer.from(name, "latin1").toString("utf8").includes(text));
