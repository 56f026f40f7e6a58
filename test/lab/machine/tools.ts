import { realpathSync } from "node:fs";
import { findProgram, redisProgram } from "../../programs.ts";

/** The programs that the lab needs, and their Debian packages. */
const packages: Record<string, string> = {
  unshare: "util-linux",
  nsenter: "util-linux",
  pivot_root: "util-linux-extra",
  ip: "iproute2",
  tc: "iproute2",
  [redisProgram("server")]: "redis-server",
  keepalived: "keepalived",
  // Without real root only: see server/keepalived-start.ts.
  ...(process.getuid?.() === 0 ? {} : { perl: "perl" }),
};

// The programs that are needed on the hosts.
const onHosts = [redisProgram("server"), redisProgram("cli"), "keepalived"];

/** The paths of programs outside of /usr, such as a Node of nvm, by name. The lab mounts them on its hosts. */
export function toolsOutsideUsr(): Record<string, string> {
  const missing = Object.keys(packages).filter((tool) => findProgram(tool) === undefined);
  if (missing.length > 0) {
    const wanted = [...new Set(missing.map((tool) => packages[tool]))].join(" ");
    throw new Error(`the lab needs ${missing.join(", ")}: apt-get install ${wanted}`);
  }
  const found: Record<string, string> = {};
  for (const name of ["node", ...onHosts]) {
    const path = realpathSync((name === "node" ? process.execPath : findProgram(name)) ?? "/usr");
    if (!/^\/(usr|bin|sbin)(\/|$)/.test(path)) found[name] = path;
  }
  return found;
}
