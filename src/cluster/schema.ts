import { isIP } from "node:net";
import * as v from "valibot";

/**
 * The cluster file: what may stand in it and what stands in its place when it doesn't. Times are seconds.
 * docs/cluster-file.md explains each key to a person; docs/cluster.sample.toml shows them all.
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
const text = v.pipe(v.string("must be a text in quotes"), v.nonEmpty("must not be empty"));
const path = v.pipe(text, v.startsWith("/", "must be an absolute path"));
const ip = v.pipe(
  text,
  v.check((value) => isIP(value) !== 0, "must be an IP address such as 192.168.1.112"),
);
// The name becomes a folder, a file name and Keepalived's instance name: letters that are plain in all three.
const name = v.pipe(
  text,
  v.regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$/, "must be letters, digits, '.', '_' or '-', 32 at most"),
);
const prefixed = v.pipe(
  text,
  v.check((value) => {
    const [address = "", bits, ...rest] = value.split("/");
    const most = isIP(address) === 6 ? 128 : 32;
    return (
      isIP(address) !== 0 && rest.length === 0 && /^\d+$/.test(bits ?? "") && Number(bits) >= 1 && Number(bits) <= most
    );
  }, "must be an IP address with its prefix length, such as 192.168.1.120/24"),
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

const vip = v.strictObject({
  address: prefixed,
  interface: text,
  router_id: whole(1, 255),
  advert_interval: v.optional(seconds(0.01, 40), 0.2),
  unicast: v.optional(v.boolean("must be true or false"), true),
  auth_password: v.optional(text),
});

const redis = v.strictObject({
  port: v.optional(whole(1, 65535), 6379),
  username: v.optional(text),
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
  interface: v.optional(text),
  priority: v.optional(whole(1, 254)),
});

const monitor = v.strictObject({
  interval: v.optional(seconds(0.1, 60), 1),
  timeout: v.optional(seconds(0.05, 30), 0.3),
  rise: v.optional(whole(1, 20), 1),
  fall: v.optional(whole(1, 20), 1),
});

const failover = v.strictObject({
  handover_timeout: v.optional(seconds(0.2, 60), 2),
  failback: v.optional(v.picklist(["manual", "auto"], 'must be "manual" or "auto"'), "manual"),
  witnesses: v.optional(v.array(hostAndPort), []),
  allow_data_loss: v.optional(v.boolean("must be true or false"), false),
  on_transition: v.optional(path),
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
  nodes: v.pipe(v.array(node, "must be a list of [[nodes]]"), v.minLength(2, "must name at least two nodes")),
  monitor: v.optional(monitor, {}),
  failover: v.optional(failover, {}),
  commands: v.optional(commands, {}),
  paths: v.optional(paths, {}),
});

/** A cluster file as read: every default filled in, every rule between keys checked. */
export type Cluster = v.InferOutput<typeof clusterSchema>;
/** One `[[nodes]]` entry of the cluster file. */
export type Node = Cluster["nodes"][number];
