import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import {
  combinedConf,
  keepalivedFiles,
  mayReplace,
  sharedSettings,
} from "../../../../src/admin/init/keepalived-conf.ts";
import { parseCluster } from "../../../../src/cluster/load.ts";
import { mainConf } from "../../../../src/keepalived/folder-problem.ts";
import type { RenderInput } from "../../../../src/keepalived/template.ts";
import { minimal } from "../../cluster/cluster-files.ts";

const golden = (name: string) => readFileSync(new URL(`../../keepalived/golden/${name}`, import.meta.url), "utf8");
const agent = golden("agent.conf");
const sampleFile = "/etc/keepalived/keepalived.conf.sample";
const sample = existsSync(sampleFile) ? readFileSync(sampleFile, "utf8") : undefined;
const withoutSample = sample === undefined ? "NOT TESTED: no example of Keepalived on this machine" : false;

describe("keepalived.conf is replaced only where nothing is lost with it", () => {
  const table: [what: string, text: string, replaced: boolean][] = [
    ["nothing", "", true],
    ["comments", "! Configuration File for keepalived\n\n  # vrrp_instance web {\n", true],
    ["global_defs", 'global_defs {\n  router_id "x { y"\n  notification_email { a@b.example }\n}\n', true],
    ["global_defs with the brace in the next line", "global_defs\n{\n}\n", true],
    ["ours, profile hooks", golden("hooks.conf"), true],
    ["ours, profile agent", agent, true],
    ["ours of another cluster", agent.replaceAll("sessions", "carts"), false],
    ["ours, and a virtual server of theirs", `${agent}\nvirtual_server 10.0.0.1 80 {\n}\n`, false],
    ["an instance", "vrrp_instance web {\n}\n", false],
    ["only an include", "include conf.d/*.conf\n", false],
    ["an include that must be readable", "includer conf.d/*.conf\n", false],
    ["an include in a block", "global_defs {\n  include globals.conf\n}\n", false],
    ["a virtual server", "virtual_server 10.0.0.1 80 {\n  real_server 10.0.0.2 80 {\n  }\n}\n", false],
    ["a sync group", "vrrp_sync_group both { group { web mail } }\n", false],
    ["a definition", "$ADDRESS=10.0.0.1\n", false],
    ["a condition", "@server11 global_defs {\n}\n", false],
    ["static addresses behind a block on the same line", "global_defs { } static_ipaddress { }\n", false],
    ["a brace too many", "global_defs {\n}\n}\n", false],
    ["a brace too few", "global_defs {\n", false],
  ];
  for (const [what, text, replaced] of table)
    it(`${what}: ${replaced ? "replaced" : "kept"}`, () => assert.equal(mayReplace(text, "sessions"), replaced));

  it("Keepalived's example, as it is installed: replaced; changed by somebody: kept", { skip: withoutSample }, () => {
    assert.ok(mayReplace(sample ?? "", "sessions"));
    assert.ok(!mayReplace((sample ?? "").replace("192.168.200.16", "192.168.1.16"), "sessions"));
  });
});

describe("keepalived.conf with something of others", () => {
  const cluster = parseCluster(minimal, "cluster.toml");
  const input: RenderInput = {
    cluster,
    node: cluster.nodes[0] as RenderInput["node"],
    profile: "agent",
    bin: "/usr/local/lib/keepalived-redis",
    clusterFile: undefined,
  };
  const others = "include conf.d/*.conf\n";
  const host = (files: Record<string, string>) => (path: string) => files[path];
  const own = "/etc/keepalived/sessions.conf";

  it("includes our file, and is tested with our text in its place", () => {
    const read = host({ [mainConf]: others });
    const [ours, theirs] = keepalivedFiles(input, read);
    assert.deepEqual([ours?.path, ours?.text], [own, agent]);
    assert.equal(theirs?.text, `${others}# keepalived-redis: the cluster sessions.\ninclude ${own}\n`);
    assert.equal(combinedConf(input, read), `${others}# keepalived-redis: the cluster sessions.\n${agent}\n`);
    assert.equal(
      combinedConf(input, host({ [mainConf]: theirs?.text ?? "", [own]: agent }))?.trim(),
      combinedConf(input, read)?.trim(),
    );
  });

  it("gets our global_defs, of which vrrp_version is none", () => {
    const shared = sharedSettings(input, host({ [mainConf]: others })) ?? "";
    assert.match(shared, /^enable_script_security, script_user root, umask 022, /);
    assert.doesNotMatch(shared, /version|[#\n]/);
  });

  it("stays so, though nobody else is in it any more", () => {
    const read = host({ [mainConf]: "", [own]: agent });
    assert.equal(keepalivedFiles(input, read).length, 2);
  });

  it("nobody is there: ours is all, and there is nothing to share", () => {
    assert.equal(keepalivedFiles(input, host({})).length, 1);
    assert.equal(combinedConf(input, host({})), undefined);
    assert.equal(sharedSettings(input, host({})), undefined);
  });
});
