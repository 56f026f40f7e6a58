import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { buildDeb } from "../package/build-deb.ts";

/** Whole machines, booted by a real systemd: each script in this folder says what it does, and fails at the first thing that is wrong. */

const needed = ["systemd-nspawn", "dpkg-deb", "redis-server", "redis-cli", "keepalived", "ip"];
const succeeds = (script: string) => spawnSync("sh", ["-c", script]).status === 0;

function unable(): string | false {
  if (process.getuid?.() !== 0) return "needs root";
  const missing = needed.filter((tool) => !succeeds(`command -v ${tool}`));
  if (missing.length > 0) return `needs ${missing.join(", ")} (Debian: apt-get install systemd-container)`;
  return existsSync("/lib/systemd/systemd") ? false : "needs systemd";
}

/** The short one boots a copy of this machine's own system, which must be as its packages brought it. */
const isChanged = (): string | false =>
  !succeeds('test -z "$(dpkg --verify redis-server keepalived)"') &&
  "needs a machine on which Redis and Keepalived are as Debian's packages bring them";

const onlyWhenNamed = process.env.WHOLE_MACHINES === "1" ? false : "npm run test:machines";

const skip = unable();
if (skip) console.error(`\n*** NOT RUN: the scenarios on whole machines: ${skip} ***\n`);

describe("on whole machines", { skip }, () => {
  let deb = "";
  before(() => {
    deb = buildDeb("machines");
  });

  const short = isChanged();
  if (short) console.error(`\n*** NOT RUN: the short scenario on whole machines: ${short} ***\n`);
  it("a newcomer's path up to a power cut, on this system", { skip: short }, () =>
    run("newcomer", "--short", "this", deb),
  );

  for (const release of ["bookworm", "trixie"]) {
    describe(`Debian ${release}`, { skip: onlyWhenNamed }, () => {
      it("a newcomer's path, to the removal", () => run("newcomer", release, deb));
      it("what happens to the services of a pair", () => run("services", release, deb));
      it("install, upgrade, removal and purge on one machine", () => run("package-life", release, deb, deb));
    });
  }
});

/** Its output is the report: what it did, the writes and the gaps. */
async function run(script: string, ...args: string[]): Promise<void> {
  const child = spawn(fileURLToPath(new URL(script, import.meta.url)), args, { stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (more: string) => {
      text += more;
    });
  const limit = setTimeout(() => child.kill(), 900_000);
  const [code] = await once(child, "close");
  clearTimeout(limit);
  if (code !== 0) throw new Error(`${script} ${args.join(" ")}: exit code ${code}\n${text}`);
  console.log(text);
}
