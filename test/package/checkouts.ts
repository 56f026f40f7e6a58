import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { folder, notRun, root } from "./build-packages.ts";

/** A git repository is needed for it elsewhere: the time of all files in a package. */
const commitTime = (commit = "HEAD"): string =>
  process.env.SOURCE_DATE_EPOCH ?? git("log", "-1", "--format=%ct", commit).trim();

const git = (...args: string[]): string => execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: "pipe" });

export interface Checkout {
  checkout: string;
  environment: NodeJS.ProcessEnv;
}

/** This checkout at another path, with files of its own as far as bundler and Node see. */
export function otherCheckout(): Checkout {
  const made = ["node_modules", ".git", "dist", "packages"];
  const checkout = withModules("other-checkout");
  for (const name of readdirSync(root).filter((name) => !made.includes(name))) copy(name, checkout);
  return { checkout, environment: { SOURCE_DATE_EPOCH: commitTime() } };
}

// Some days of work.
const before = "HEAD~100";

/** The sources a hundred commits ago; this checkout where they are not to be had, as in a shallow clone. */
export function olderCheckout(): Partial<Checkout> {
  const { error, status } = spawnSync("git", ["rev-parse", "--verify", "--quiet", `${before}^{commit}`], { cwd: root });
  if (notRun("the upgrade from an older commit", error || status !== 0 ? `git has no ${before}` : false)) return {};
  const checkout = withModules("older-checkout");
  execFileSync("sh", ["-c", `git archive ${before} | tar -x -C "$0"`, checkout], { cwd: root });
  return { checkout, environment: { SOURCE_DATE_EPOCH: commitTime(before) } };
}

function withModules(name: string): string {
  const checkout = join(folder, name);
  mkdirSync(checkout);
  copy("node_modules", checkout);
  return `${checkout}/`;
}

/** Links take no time. They are impossible between two file systems. */
function copy(name: string, checkout: string): void {
  const [from, to] = [join(root, name), join(checkout, name)];
  if (spawnSync("cp", ["-al", from, to]).status !== 0) execFileSync("cp", ["-a", from, to]);
}
