import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import { parseCluster } from "../../../src/cluster/load.ts";
import { localNode } from "../../../src/cluster/local-node.ts";
import { packageFolder } from "../../../src/cluster/paths.ts";
import { type File, render } from "../../../src/keepalived/render.ts";
import type { RenderInput } from "../../../src/keepalived/template.ts";
import { minimal, replaced, under } from "../cluster/cluster-files.ts";

// UPDATE_GOLDEN=1 npm run test:unit golden: writes them anew; what git then shows is what an operator would find changed.
const update = process.env.UPDATE_GOLDEN === "1";

const third = '\n[[nodes]]\nname = "server13"\naddress = "192.168.1.114"\ninterface = "ens3"\npriority = 250\n';
const tls = '[redis.tls]\nca = "/etc/redis/ca.pem"\ncert = "/etc/redis/cert.pem"\nkey = "/etc/redis/key.pem"\n';

/** [golden file, which file, cluster file, what else] */
const golden: [string, File, string, Partial<RenderInput>?][] = [
  ["hooks.conf", "keepalived", minimal],
  ["agent.conf", "keepalived", minimal, { profile: "agent" }],
  ["vrrp2-password.conf", "keepalived", under("vip", 'auth_password = "1fish2fi"\nadvert_interval = 2')],
  ["ipv6.conf", "keepalived", replaced("192.168.1.", "2001:DB8::0").replace("/24", "/64")],
  ["multicast.conf", "keepalived", under("vip", "unicast = false")],
  ["three-nodes.conf", "keepalived", minimal + third],
  ["third-node.conf", "keepalived", minimal + third, { node: node(minimal + third, "server13") }],
  [
    "other-places.conf",
    "keepalived",
    under("monitor", "interval = 2\nrise = 3\nfall = 2", under("paths", 'state = "/srv/run"')),
    { bin: "/opt/failover/1.2", clusterFile: "/etc/redis/sessions.toml" },
  ],
  ["fraction.conf", "keepalived", under("monitor", "interval = 0.5")],
  // Twice as much is a fraction, too.
  ["fraction-agent.conf", "keepalived", under("monitor", "interval = 0.26"), { profile: "agent" }],
  // A package brings a Node of its own, which no PATH finds.
  ["package.conf", "keepalived", minimal, { bin: packageFolder }],
  ["redis.conf", "redis", minimal],
  ["redis-replica-persists.conf", "redis", under("redis", 'persistence = "replica"\nusername = "failover"')],
  ["redis-tls.conf", "redis", minimal.replace(/^password_file.*$/m, "port = 6380") + tls],
  ["acl.conf", "acl", under("redis", 'username = "failover"'), { redisPassword: "hunter2" }],
  ["sentinel.conf", "sentinel", minimal, { redisPassword: "hunter2", node: node(minimal, "server12") }],
  ["sentinel-tls.conf", "sentinel", under("redis", 'port = 6380\nusername = "failover"') + tls],
  ["tmpfiles.conf", "tmpfiles", minimal],
  ["tmpfiles-agent.conf", "tmpfiles", under("paths", 'state = "/srv/run"'), { profile: "agent" }],
  ["systemd.conf", "systemd", minimal],
  ["logrotate.conf", "logrotate", minimal],
  ["agent.service", "agent-service", minimal, { profile: "agent" }],
];

function node(text: string, name: string) {
  return localNode(parseCluster(text, "cluster.toml"), name);
}

function place(text: string, more: Partial<RenderInput> = {}): RenderInput {
  const cluster = parseCluster(text, "cluster.toml");
  const bin = "/usr/local/lib/keepalived-redis";
  return { cluster, node: node(text, "server11"), profile: "hooks", bin, clusterFile: undefined, ...more };
}

describe("a generated file is, byte for byte, that in golden/", () => {
  for (const [name, file, text, more] of golden) {
    it(name, () => {
      const path = new URL(`golden/${name}`, import.meta.url);
      const rendered = render[file](place(text, more));
      if (update) writeFileSync(path, rendered);
      assert.equal(rendered, readFileSync(path, "utf8"));
      assert.equal(render[file](place(text, more)), rendered, "not the same for the same input");
      assert.doesNotMatch(rendered, /\{\{|undefined|\[object|[ \t]$|\n\n\n|\n\n$/m);
    });
  }

  it("and docs/generate-config.md shows the first", () => {
    const [page, conf] = ["../../../docs/generate-config.md", "golden/hooks.conf"].map((path) =>
      readFileSync(new URL(path, import.meta.url), "utf8"),
    );
    assert.ok(page?.includes(`\n${conf}\`\`\`\n`), "UPDATE_GOLDEN=1 doesn't write it there: do it by hand");
  });
});
