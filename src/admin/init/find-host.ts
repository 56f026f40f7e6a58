import { readdirSync } from "node:fs";
import { hostname, networkInterfaces } from "node:os";
import { join } from "node:path";
import { readIfPresent } from "../../system/read-file.ts";
import type { Read } from "./planned-file.ts";
import { lastValue } from "./redis-conf.ts";

/** What there is on this host: init proposes its answers from it. */
export interface Host {
  hostname: string;
  /** Without the loopback interface; the one with the default route comes first. */
  interfaces: { name: string; address: string; prefix: string }[];
  /** The Redis or Valkey servers that run here. */
  servers: FoundServer[];
}

export interface FoundServer {
  server: "redis" | "valkey";
  port: number;
  /** Its systemd unit, without `.service`. */
  unit: string | undefined;
  conf: string | undefined;
  /** `requirepass` of its configuration file. */
  password: string | undefined;
}

export const findHost = (): Host => ({
  hostname: hostname().split(".")[0] ?? "",
  interfaces: interfaces(),
  servers: serversIn("/proc", readIfPresent),
});

function interfaces(): Host["interfaces"] {
  const [, byDefault] = /^(\S+)\t00000000\t/m.exec(readIfPresent("/proc/net/route") ?? "") ?? [];
  const found = Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses
      .filter(({ internal, address }) => !internal && !address.startsWith("fe80:"))
      .map(({ address, cidr }) => ({ name, address, prefix: cidr?.split("/")[1] ?? "" })),
  );
  return [...found.filter(({ name }) => name === byDefault), ...found.filter(({ name }) => name !== byDefault)];
}

/** The servers among the processes of a /proc. `read` gives the text of a configuration file, if it is there. */
export function serversIn(folder: string, read: Read): FoundServer[] {
  const pids = readdirSync(folder).filter((entry) => /^\d+$/.test(entry));
  return pids.flatMap((pid) => {
    const proc = (file: string) => readIfPresent(join(folder, pid, file)) ?? "";
    if (!/^(redis|valkey)-server$/.test(proc("comm").trim())) return [];
    // The server replaces its command line by its name and address: `/usr/bin/redis-server 127.0.0.1:6379`. Sentinel says so behind it.
    const title = /(redis|valkey)-server \S*:(\d+)(?! \[sentinel\])\b/.exec(proc("cmdline").replaceAll("\0", " "));
    if (!title) return [];
    const server = title[1] as FoundServer["server"];
    const port = Number(title[2]);
    const conf = confOf(server, port, read);
    const unit = /\/([^/]+)\.service$/m.exec(proc("cgroup"))?.[1];
    return [{ server, port, unit, conf, password: conf && lastValue(conf, "requirepass", read) }];
  });
}

// The process doesn't tell its file, and INFO does only after a login. Valkey runs as redis-server, too, where it took the place of Redis.
function confOf(server: FoundServer["server"], port: number, read: Read): string | undefined {
  const candidates = [server, server === "redis" ? "valkey" : "redis"].flatMap((name) => [
    `/etc/${name}/${name}.conf`,
    `/etc/${name}/${port}.conf`,
    `/etc/${name}/${name}-${port}.conf`,
    `/etc/${name}.conf`,
  ]);
  return candidates.find((file) => {
    if (read(file) === undefined) return false;
    const ports = [lastValue(file, "port", read) ?? "6379", lastValue(file, "tls-port", read)];
    return ports.includes(String(port));
  });
}
