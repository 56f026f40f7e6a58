import { accessSync, constants, realpathSync } from "node:fs";
import { join } from "node:path";
import { plainEnvironment } from "./process.ts";

/** The programs that the lab needs, and their Debian packages. */
const packages: Record<string, string> = {
  unshare: "util-linux",
  nsenter: "util-linux",
  ip: "iproute2",
  tc: "iproute2",
  "redis-server": "redis-server",
  keepalived: "keepalived",
  // Without real root only: see server/keepalived-start.ts.
  ...(process.getuid?.() === 0 ? {} : { perl: "perl" }),
};

// The programs that are needed on the hosts.
const onHosts = ["redis-server", "redis-cli", "keepalived"];
const folders = `${plainEnvironment.PATH}:${process.env.PATH ?? ""}`.split(":");

/** The paths of programs outside of /usr, such as a Node of nvm, by name. The lab mounts them on its hosts. */
export function toolsOutsideUsr(): Record<string, string> {
  const missing = Object.keys(packages).filter((tool) => find(tool) === undefined);
  if (missing.length > 0) {
    const wanted = [...new Set(missing.map((tool) => packages[tool]))].join(" ");
    throw new Error(`the lab needs ${missing.join(", ")}: apt-get install ${wanted}`);
  }
  const found: Record<string, string> = {};
  for (const name of ["node", ...onHosts]) {
    const path = realpathSync((name === "node" ? process.execPath : find(name)) ?? "/usr");
    if (!/^\/(usr|bin|sbin)(\/|$)/.test(path)) found[name] = path;
  }
  return found;
}

function find(tool: string): string | undefined {
  return folders
    .map((folder) => join(folder, tool))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
