import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { parse, stringify } from "smol-toml";
import { UsageError } from "../../../src/cluster/errors.ts";
import { parseCluster } from "../../../src/cluster/load.ts";
import { priorityOf } from "../../../src/cluster/local-node.ts";
import { packageFolder, pathsOf } from "../../../src/cluster/paths.ts";
import type { Cluster } from "../../../src/cluster/schema.ts";
import { render } from "../../../src/keepalived/render.ts";
import type { RenderInput } from "../../../src/keepalived/template.ts";
import { minimal } from "../cluster/cluster-files.ts";

/** Texts that would become something else in keepalived.conf: another line, a comment, a variable, a block, a quote. */
const evil = fc.oneof(
  fc.constantFrom(
    "a\nb",
    "a b",
    "a!b",
    "a#b",
    'a"b',
    "a'b",
    "a\\",
    "$a",
    "~a",
    "@a",
    "{",
    "}",
    "a}\n}",
    "x=y",
    "%n",
    "",
  ),
  fc.string({ unit: "binary", maxLength: 12 }),
);
const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const from = (unit: string, maxLength: number) => fc.string({ unit: fc.constantFrom(...unit), maxLength });
const word = (max: number) =>
  fc.tuple(fc.constantFrom(...letters), from(`${letters}_.-`, max - 1)).map((parts) => parts.join(""));
const path = fc.array(word(8), { minLength: 1, maxLength: 4 }).map((parts) => `/${parts.join("/")}`);
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

const anyCluster = fc.record({ six: fc.boolean(), count: fc.integer({ min: 2, max: 5 }) }).chain(({ six, count }) => {
  const address = six ? fc.ipV6() : fc.ipV4();
  return fc.record({
    name: word(32),
    vip: fc.record(
      {
        address: fc.tuple(address, fc.integer({ min: 1, max: 32 })).map(([host, bits]) => `${host}/${bits}`),
        interface: word(15),
        router_id: fc.integer({ min: 1, max: 255 }),
        advert_interval: fc.integer({ min: 1, max: 4000 }).map((hundredths) => hundredths / 100),
        unicast: fc.boolean(),
        auth_password: optional(word(8)),
      },
      { requiredKeys: ["address", "interface", "router_id"] },
    ),
    redis: fc.record(
      { port: fc.integer({ min: 1, max: 65535 }), username: word(9), password_file: path },
      { requiredKeys: [] },
    ),
    nodes: fc.uniqueArray(
      fc.record({ name: word(12), address, interface: word(15) }, { requiredKeys: ["name", "address"] }),
      { minLength: count, maxLength: count, selector: ({ name }) => name },
    ),
    monitor: fc.record(
      { interval: fc.integer({ min: 250, max: 60_000 }).map((thousandths) => thousandths / 1000) },
      { requiredKeys: [] },
    ),
    paths: fc.record({ state: path, log: path }, { requiredKeys: [] }),
  });
});

const evilCluster = fc
  .tuple(
    evil,
    fc.constantFrom(
      "name",
      "vip.address",
      "vip.interface",
      "vip.auth_password",
      "redis.username",
      "redis.password_file",
    ),
    fc.constantFrom("nodes.0.name", "nodes.0.address", "nodes.0.interface", "paths.state", "paths.log"),
    fc.boolean(),
  )
  .map(([text, one, other, first]) => {
    const file = parse(minimal);
    const keys = (first ? one : other).split(".");
    const table = keys.slice(0, -1).reduce<Record<string, unknown>>((at, key) => {
      at[key] ??= {};
      return at[key] as Record<string, unknown>;
    }, file);
    // A path that begins as one should.
    table[keys.at(-1) ?? ""] = keys[0] === "paths" || keys[1] === "password_file" ? `/${text}` : text;
    return file;
  });

const clusterFile = fc
  .oneof({ weight: 1, arbitrary: anyCluster }, { weight: 4, arbitrary: evilCluster })
  .map((file) => stringify(JSON.parse(JSON.stringify(file)) as object));

/** keepalived.conf as Keepalived reads it (lib/parser.c: decomment, alloc_strvec): words by the blocks they stand in. */
function read(text: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const blocks: string[] = [];
  for (const line of text.split("\n")) {
    assert.doesNotMatch(line, /^\s*[~@]|[$\\]|[^\x20-\x7e]/, `special to Keepalived: ${line}`);
    const words = decomment(line).match(/"[^"]*"|[^\s"]+/g) ?? [];
    if (words.length === 0) continue;
    if (words.at(-1) === "{") blocks.push(words.slice(0, -1).join(" "));
    else if (words[0] === "}" && words.length === 1) assert.ok(blocks.pop(), "a } too many");
    else {
      const block = blocks.join(" > ");
      found.set(block, [...(found.get(block) ?? []), words.map((word) => word.replaceAll('"', "")).join(" ")]);
    }
  }
  assert.deepEqual(blocks, [], "a block that doesn't end");
  return found;
}

function decomment(line: string): string {
  let quoted = false;
  for (const [at, letter] of [...line].entries()) {
    if (letter === '"') quoted = !quoted;
    else if (!quoted && (letter === "#" || letter === "!")) return line.slice(0, at);
  }
  assert.ok(!quoted, `a quote that doesn't end: ${line}`);
  return line;
}

let rendered = 0;

/** Runs `check` for every node of any cluster that loads; one that doesn't must have been refused as a user's mistake. */
function forAnyPlace(check: (place: RenderInput) => void): void {
  const more = fc.record({
    profile: fc.constantFrom("hooks" as const, "agent" as const),
    bin: path,
    clusterFile: optional(path),
  });
  rendered = 0;
  fc.assert(
    fc.property(clusterFile, more, (file, others) => {
      let cluster: Cluster;
      try {
        cluster = parseCluster(file, "cluster.toml");
      } catch (error) {
        assert.ok(error instanceof UsageError, String(error));
        return;
      }
      rendered++;
      const [node] = cluster.nodes;
      if (node) check({ cluster, node, ...others });
    }),
    { numRuns: 250 },
  );
  assert.ok(rendered > 20, `only ${rendered} clusters loaded, so nothing was tried`);
}

describe("for any cluster that loads", () => {
  it("Keepalived reads back what the cluster file says, and nothing else", () => {
    forAnyPlace((place) => {
      const { cluster, node, profile, bin, clusterFile } = place;
      const { vip, nodes, monitor } = cluster;
      const options = clusterFile === undefined ? "" : ` --cluster ${clusterFile}`;
      const conf = read(render.keepalived(place));
      const inside = `vrrp_instance ${cluster.name}`;
      const its = node.interface ?? vip.interface;
      const run = (name: string) => `/usr/bin/env ${bin}/${name}${options}`;
      // Beside an agent they let it go first.
      const hook = (name: string) =>
        profile === "agent" ? `/usr/bin/env sh -c 'sleep 0.1; exec ${bin}/${name}${options}'` : run(name);
      const tracked = ["drain", "claim", ...(profile === "agent" ? ["ok"] : [])].map(
        (name) => `${cluster.name}-${name}`,
      );
      const instance = conf.get(inside) ?? [];
      for (const line of [
        "state BACKUP",
        "nopreempt",
        `interface ${its}`,
        `virtual_router_id ${vip.router_id}`,
        `priority ${priorityOf(cluster, node)}`,
        `advert_int ${vip.advert_interval}`,
        `notify_master ${hook("notify-master")}`,
        `notify_backup ${hook("notify-backup")}`,
        `notify_fault ${hook("notify-fault")}`,
        `notify_stop ${run("notify-stop")}`,
        `notify_master_rx_lower_pri ${hook("notify-master")}`,
      ])
        assert.ok(instance.includes(line), `${line} is not in ${instance.join("; ")}`);
      assert.deepEqual(conf.get(`${inside} > virtual_ipaddress`), [
        `${vip.address} dev ${its}${vip.address.includes(":") ? " preferred_lft 0" : ""}`,
      ]);
      assert.deepEqual(conf.get(`${inside} > track_script`), [`${cluster.name}-monitor`]);
      assert.deepEqual(conf.get(`${inside} > track_file`), tracked);
      const peers = nodes.filter((other) => other !== node).map(({ address }) => address);
      assert.deepEqual(conf.get(`${inside} > unicast_peer`), vip.unicast ? peers : undefined);
      assert.equal(instance.includes(`unicast_src_ip ${node.address}`), vip.unicast);
      const password = vip.auth_password;
      const auth = password === undefined ? undefined : ["auth_type PASS", `auth_pass ${password}`];
      assert.deepEqual(conf.get(`${inside} > authentication`), auth);
      assert.ok(instance.includes(`version ${password === undefined ? 3 : 2}`));
      const [interval, fall] =
        profile === "agent" ? [2 * monitor.interval, Math.max(2, monitor.fall)] : [monitor.interval, monitor.fall];
      const timeout = Number.isInteger(interval) ? interval : Math.max(2, Math.ceil(interval));
      const start = bin === packageFolder ? "" : "node ";
      const check = `/usr/bin/sh ${bin}/check-health ${pathsOf(cluster).state} ${timeout} ${start}${bin}/monitor${options}`;
      assert.deepEqual(conf.get(`vrrp_script ${cluster.name}-monitor`), [
        `script ${check}`,
        `interval ${interval}`,
        `timeout ${timeout}`,
        `rise ${monitor.rise}`,
        `fall ${fall}`,
      ]);
      assert.deepEqual(conf.get(`track_file ${cluster.name}-drain`), [`file ${pathsOf(cluster).drain}`, "weight 0"]);
    });
  });

  it("the other files have the lines they always have", () => {
    const shape = (text: string) => text.split("\n").map((line) => line.trim().split(" ")[0]);
    forAnyPlace((place) => {
      const { cluster, profile } = place;
      const tmpfiles = shape(render.tmpfiles(place)).filter((word) => word !== "#");
      // What root makes, and then what is given to the user of the agent.
      const agent = "d d d d d d d p z z z Z z z".split(" ");
      assert.deepEqual(tmpfiles, [...(profile === "agent" ? agent : ["d", "d"]), ""]);
      assert.equal(shape(render.logrotate(place))[1], pathsOf(cluster).log);
      assert.equal(render.logrotate(place).split("\n").length, 13);
      const keys = new Set(["#", "", "replicaof", "bind", "port", "protected-mode", "repl-backlog-size"]);
      for (const key of ["repl-backlog-ttl", "repl-diskless-sync-delay"]) keys.add(key);
      for (const key of ["lazyfree-lazy-user-del", "lazyfree-lazy-user-flush", "replica-lazy-flush"]) keys.add(key);
      for (const word of shape(render.redis(place))) assert.ok(keys.has(word ?? ""), word);
      const [master] = render.sentinel(place).match(/^sentinel monitor .*$/m) ?? [];
      assert.equal(master, `sentinel monitor ${cluster.name} ${place.node.address} ${cluster.redis.port} 2`);
      for (const word of shape(render.sentinel(place)))
        assert.ok(["#", "", "port", "protected-mode", "sentinel"].includes(word ?? ""), word);
    });
  });
});
