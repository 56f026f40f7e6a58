import { randomBytes } from "node:crypto";
import { binFolder, type Server } from "../server/server.ts";

/** The files of the host on which the executables are tried. They can't be written, whatever an executable is told to do. */

const folder = "/srv/bad-input";

/** Every executable is near it, and none may print it. Some of its characters are spelled otherwise in a URL. */
export const secret = `Pw%/+&=${randomBytes(6).toString("hex")}`;

/** In some cluster files, by mistake, where they must not be. */
export const misplaced = `Mis-${randomBytes(6).toString("hex")}`;

const good = (password = "/srv/bad-input/password", log = "/var/log/keepalived-redis") => `name = "sessions"
[vip]
address = "192.0.2.120/24"
interface = "eth0"
router_id = 51
[redis]
password_file = "${password}"
[commands]
start_redis = ["/bin/false"]
start_keepalived = ["/bin/false"]
[paths]
log = "${log}"
[[nodes]]
name = "server11"
address = "192.0.2.11"
[[nodes]]
name = "server12"
address = "192.0.2.12"
`;

/** The cluster files by name: the first ones can be used. */
export const clusterFiles = {
  good: good(),
  "its log can't be written": good(undefined, "/proc/1/log"),
  "its log folder is a file": good(undefined, "/srv/bad-input/password"),
  missing: undefined,
  empty: "",
  "a folder": undefined,
  "no file at all": undefined,
  "not for others": good(),
  "no text": Buffer.from([0xff, 0xfe, 0, 1, 2, 0x80]),
  "one long line": "x".repeat(300_000),
  "no TOML": `name = "sessions\npassword = ${misplaced}\n[[`,
  "wrong types": good().replace("51", '"51"').replace('"sessions"', "[1, { a = 2 }]"),
  "tables for texts": 'name.a.b = 1\nvip = []\nnodes = "server11"\nredis = 3\n',
  "a password in a wrong place": good().replace("[redis]", `[redis]\npassword = "${misplaced}"`),
  "a long VRRP password": good().replace("router_id = 51", `router_id = 51\nauth_password = "${misplaced}"`),
  "an unknown key": good().replace("router_id", "router_di"),
  __proto__: `__proto__ = 1\n[constructor]\nprototype = 2\n${good()}`,
  "other hosts": good().replaceAll("192.0.2.1", "192.0.2.2"),
  "one node twice": good().replace("server12", "server11"),
  "no password file": good("/srv/bad-input/missing"),
  "an empty password file": good("/srv/bad-input/empty"),
  "a password of two lines": good("/srv/bad-input/two-lines"),
  "a folder for a password": good("/srv/bad-input/folder"),
} as const;

const usable: readonly string[] = ["good", "its log can't be written", "its log folder is a file"];
export const isUsable = (cluster: keyof typeof clusterFiles, user: "root" | "nobody"): boolean =>
  usable.includes(cluster) || (cluster === "not for others" && user === "root");

export const pathOf = (cluster: keyof typeof clusterFiles): string => {
  if (cluster === "a folder") return `${folder}/folder`;
  if (cluster === "no file at all") return "/dev/tty";
  return `${folder}/${cluster.replaceAll(/\W+/g, "-")}.toml`;
};

/** Places that a path may name by mistake. */
export const places = [
  ...[
    "/",
    "/etc",
    "/dev/null",
    "/dev/full",
    "/proc/self/mem",
    "/proc/1/environ",
    "/etc/passwd",
    "/no/such/file",
    "/etc/passwd/x",
  ],
  ...[
    binFolder,
    folder,
    `${folder}/password`,
    `${folder}/folder`,
    `${folder}/link`,
    `${folder}/pipe.log.gz`,
    `${folder}/a.log`,
  ],
  ...[
    "/var/log/keepalived-redis",
    "/var/log/keepalived-redis/sessions.log",
    "/tmp",
    "/tmp/written",
    "/etc/redis/redis.conf",
  ],
];

const others: Record<string, string | Uint8Array> = {
  password: `${secret}\n`,
  empty: "",
  "two-lines": `${secret}\n${secret}\n`,
  "pipe.log.gz": Buffer.from("1f8b08garbage", "latin1"),
  "a.log": `\x00\xff{]\n{"timestamp":3,"event":{},"node":[]}\n${JSON.stringify({ timestamp: "x", event: "__proto__" })}\n`,
};

export async function plantFixtures(server: Server): Promise<void> {
  const files: [string, string | Uint8Array][] = [
    ...Object.entries(others).map(([name, text]): [string, string | Uint8Array] => [`${folder}/${name}`, text]),
    ...Object.entries(clusterFiles).flatMap(([name, text]): [string, string | Uint8Array][] =>
      text === undefined ? [] : [[pathOf(name as keyof typeof clusterFiles), text]],
    ),
  ];
  const secrets = ["password", "two-lines", "not-for-others.toml"].map((name) => `${folder}/${name}`);
  for (const [path, text] of files) server.disk.write(path, text, secrets.includes(path) ? 0o600 : 0o644);
  await server.must([
    "sh",
    "-c",
    `cd ${folder} && mkdir folder && ln -s /no/such/file link && mkdir -p /var/log/keepalived-redis`,
  ]);
  await server.must(["sh", "-c", `mount --bind ${folder} ${folder} && mount -o remount,bind,ro ${folder}`]);
}
