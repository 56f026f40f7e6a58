import { isIP, SocketAddress } from "node:net";
import * as v from "valibot";

/**
 * The schema of the cluster file, with the defaults. Times are in seconds.
 * docs/cluster-file.md explains each key; docs/cluster.sample.toml shows all of them.
 */

const seconds = (min: number, max: number) =>
  v.pipe(
    v.number("must be a number of seconds"),
    v.minValue(min, `must be at least ${min} (seconds)`),
    v.maxValue(max, `must be at most ${max} (seconds)`),
  );
const whole = (min: number, max: number) =>
  v.pipe(
    v.number("must be a whole number"),
    v.integer("must be a whole number"),
    v.minValue(min, `must be at least ${min}`),
    v.maxValue(max, `must be at most ${max}`),
  );
const flag = v.boolean("must be true or false");
const text = v.pipe(
  v.string("must be a text in quotes"),
  v.nonEmpty("must not be empty"),
  v.regex(/^[^\p{Cc}]*$/u, "must be one line without control characters"),
);
const from = (letters: RegExp, message: string) => v.pipe(text, v.regex(letters, message));

// Paths and names are written into keepalived.conf, tmpfiles.d, systemd and logrotate files. Each has its own comments (! #),
// variables ($ %) and quotes, and env(1) reads a word with = as a variable. So only characters that are plain in all of them.
export const plainPath = /^\/[\w.+@:,/-]*$/;
const path = from(plainPath, "must be an absolute path of letters, digits and . _ - + @ : , only");
const name = from(/^[A-Za-z0-9][\w.-]{0,31}$/, "must be letters, digits, '.', '_' or '-', 32 at most");
// Linux allows 15 letters (IFNAMSIZ less the final NUL). Keepalived ignores an interface with a longer name.
const networkInterface = from(/^[\w.-]{1,15}$/, "must be the name of a network interface, 15 letters at most");

// Addresses are compared as text, so IPv6 addresses are brought into the form of the kernel.
const canonical = (address: string): string =>
  isIP(address) === 6 ? new SocketAddress({ address, family: "ipv6" }).address : address;
const isAddress = (value: string): boolean => isIP(value) !== 0 && !value.includes("%");

const ip = v.pipe(
  text,
  v.check(isAddress, "must be an IP address such as 192.168.1.112"),
  v.transform((address) => canonical(address)),
);
const prefixed = v.pipe(
  text,
  v.check((value) => {
    const [address = "", bits = "", ...rest] = value.split("/");
    const maxBits = isIP(address) === 6 ? 128 : 32;
    return isAddress(address) && rest.length === 0 && /^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= maxBits;
  }, "must be an IP address with its prefix length, such as 192.168.1.120/24"),
  v.transform((value) => {
    const [address = "", bits = ""] = value.split("/");
    return `${canonical(address)}/${bits}`;
  }),
);
const hostAndPort = v.pipe(
  text,
  v.check((value) => {
    const port = Number(/^.+:(\d{1,5})$/.exec(value)?.[1]);
    return port >= 1 && port <= 65535;
  }, 'must be "host:port"'),
);
const command = v.pipe(
  v.array(text, "must be a list of texts: the program and its arguments"),
  v.minLength(1, "must name a program"),
);

const vip = v.pipe(
  v.strictObject({
    address: prefixed,
    interface: networkInterface,
    router_id: whole(1, 255),
    advert_interval: v.optional(seconds(0.01, 40)),
    unicast: v.optional(flag, true),
    auth_password: v.optional(
      from(
        /^[\w.+@:,/=%^*-]*$/,
        "must be letters, digits and . _ - + @ : , / = % ^ * only, which Keepalived reads as is",
      ),
    ),
  }),
  // A password selects VRRPv2, whose intervals are whole seconds.
  v.transform((vip) => ({ ...vip, advert_interval: vip.advert_interval ?? (vip.auth_password ? 1 : 0.2) })),
);

const redis = v.strictObject({
  port: v.optional(whole(1, 65535), 6379),
  username: v.optional(from(/^[^\s"']+$/, "must have no spaces or quotes")),
  password_file: v.optional(path),
  persistence: v.optional(v.picklist(["unmanaged", "replica"], 'must be "unmanaged" or "replica"'), "unmanaged"),
  tls: v.optional(
    v.strictObject({
      ca: v.optional(path),
      cert: v.optional(path),
      key: v.optional(path),
      server_name: v.optional(text),
    }),
  ),
});

const node = v.strictObject({
  name,
  address: ip,
  interface: v.optional(networkInterface),
  // Keepalived allows 1 to 254, and a claim changes that by up to 100: below 101 two nodes could get the same priority.
  priority: v.optional(whole(101, 254)),
});

const monitor = v.strictObject({
  // A run of the monitor takes 57 ms of a processor (bench/RESULTS.md): at 0.25 s nearly a quarter of it.
  interval: v.optional(seconds(0.25, 60), 1),
  timeout: v.optional(seconds(0, 30), 0.3),
  rise: v.optional(whole(1, 20), 1),
  fall: v.optional(whole(1, 20), 1),
});

const failover = v.strictObject({
  handover_timeout: v.optional(seconds(0.2, 60), 2),
  failback: v.optional(v.picklist(["manual", "auto"], 'must be "manual" or "auto"'), "manual"),
  witnesses: v.optional(v.array(hostAndPort, 'must be a list of "host:port"'), []),
  allow_data_loss: v.optional(flag, false),
  max_missing_seconds: v.optional(seconds(0, 31_536_000), 10),
  max_missing_bytes: v.optional(whole(0, 2 ** 50), 64 * 2 ** 20),
  quarantine: v.optional(v.picklist(["writes", "dump"], 'must be "writes" or "dump"'), "writes"),
  diverged_writes: v.optional(v.picklist(["keep", "apply"], 'must be "keep" or "apply"'), "keep"),
  elastic_fence: v.optional(flag, false),
  on_transition: v.optional(path),
});

const agent = v.strictObject({
  interval: v.optional(seconds(0.02, 10), 0.03),
  timeout: v.optional(seconds(0.02, 30), 0.25),
  listen: v.optional(hostAndPort),
});

const commands = v.strictObject({
  start_redis: v.optional(command, ["systemctl", "start", "redis"]),
  start_keepalived: v.optional(command, ["systemctl", "start", "keepalived"]),
});

const paths = v.strictObject({
  state: v.optional(path, "/run/keepalived-redis"),
  log: v.optional(path, "/var/log/keepalived-redis"),
  data: v.optional(path, "/var/lib/keepalived-redis"),
});

export const clusterSchema = v.strictObject({
  name,
  vip,
  redis: v.optional(redis, {}),
  nodes: v.pipe(
    v.array(node, "must be a list of [[nodes]]"),
    v.minLength(2, "must name at least two nodes"),
    v.maxLength(16, "must name 16 nodes at most"),
  ),
  monitor: v.optional(monitor, {}),
  failover: v.optional(failover, {}),
  agent: v.optional(agent, {}),
  commands: v.optional(commands, {}),
  paths: v.optional(paths, {}),
});

/** A cluster file with all defaults filled in and all rules between keys checked. */
export type Cluster = v.InferOutput<typeof clusterSchema>;
/** One `[[nodes]]` entry of the cluster file. */
export type Node = Cluster["nodes"][number];
