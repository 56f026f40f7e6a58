import assert from "node:assert/strict";
import { sleep } from "./machine/process.ts";
import { scenario } from "./scenario.ts";

/** Mistakes of an operator: each is reported in one line, and a node that can't be checked does not count as healthy. */

const monitor = "/opt/keepalived-redis/monitor";
const clusterFile = "/etc/keepalived-redis/cluster.toml";

const losses: [string, string[]][] = [
  ["is deleted", ["rm", monitor]],
  ["can't find Node.js", ["sh", "-c", 'mount --bind /dev/null "$(readlink -f "$(command -v node)")"']],
];
for (const [what, command] of losses) {
  scenario(`the monitor ${what}: the node goes to FAULT and its peer takes over`, {}, async (lab) => {
    const { server11, server12 } = lab;
    await lab.bringUp();
    await server11.must(command);
    await lab.until(() => server11.vrrpState() === "FAULT", 20, "server11 is in FAULT");
    await lab.until(async () => server12.holdsVip() && (await server12.role()) === "master", 20, "server12 took over");
  });
}

scenario("checks that have no time to run for 4 s move nothing; after 10 s they count as failed", {}, async (lab) => {
  const { server11, server12, client } = lab;
  await lab.bringUp();
  const writing = await client.writeThroughVip();
  await writing.acknowledged(500);
  const firstState = server12.vrrpState();
  // In place of a host on which Node.js waits for a processor.
  for (const server of lab.servers) {
    await server.must(["cp", "-p", monitor, `${monitor}.real`]);
    const slow = "if (require('fs').existsSync('/tmp/slow')) setTimeout(() => {}, 60000)";
    server.disk.write(`${monitor}.new`, `${slow}; else require("${monitor}.real")\n`, 0o755);
    await server.must(["touch", "/tmp/slow"]);
    // At once: a check that finds no monitor fails, and then those that are late count as failed, too.
    await server.must(["mv", `${monitor}.new`, monitor]);
  }
  await sleep(4000);
  for (const server of lab.servers) await server.must(["rm", "/tmp/slow"]);
  await sleep(3000);
  for (const server of lab.servers) assert.doesNotMatch(server.keepalivedLog(), /Entering FAULT STATE|timed_out/);
  assert.ok(server11.holdsVip());
  assert.equal(server12.vrrpState(), firstState);
  await server11.must(["touch", "/tmp/slow"]);
  await lab.until(async () => server12.holdsVip() && (await server12.role()) === "master", 20, "server12 took over");
  await writing.stop();
});

for (const profile of ["hooks", "agent"] as const) {
  scenario(
    `masterauth is missing on the replica: the log names it, and the node does not go to FAULT and back, profile ${profile}`,
    { profile, long: profile === "hooks" },
    async (lab) => {
      const { server11, server12 } = lab;
      await lab.bringUp();
      await server12.redis("CONFIG", "SET", "masterauth", "");
      await server11.redis("CLIENT", "KILL", "TYPE", "replica");
      const named = () =>
        server12
          .log()
          .some(
            ({ event, healthy, detail }) =>
              event === "verdict" && healthy === false && /masterauth/.test(String(detail)),
          );
      await lab.until(named, 15, "server12 is unfit, and the verdict names masterauth");
      await lab.until(() => server12.vrrpState() === "FAULT", 15, "Keepalived on server12 is in FAULT");
      const before = lab.servers.map((server) => server.keepalivedLog().length);
      await sleep(20_000);
      for (const [index, server] of lab.servers.entries())
        assert.doesNotMatch(server.keepalivedLog().slice(before[index]), /Entering \w+ STATE/, server.name);
      assert.ok(server11.holdsVip());
    },
  );
}

scenario("a broken edit of the cluster file does not move the VIP, and is logged", {}, async (lab) => {
  const { server11, server12 } = lab;
  await lab.bringUp();
  for (const server of lab.servers) await server.must(["sh", "-c", `echo 'vip = "oops' >>${clusterFile}`]);
  await sleep(3000);
  assert.ok(server11.holdsVip());
  assert.ok(
    server11.log().some(({ broken_cluster_file }) => /cluster\.toml:\d+:\d+/.test(String(broken_cluster_file))),
  );
  // A failure is still handled.
  await server11.killRedis();
  await lab.until(async () => server12.holdsVip() && (await server12.role()) === "master", 20, "server12 took over");
});

scenario("each mistake is reported in one line with a remedy, and has the right exit code", {}, async (lab) => {
  const { server11 } = lab;
  await lab.bringUp();
  const executables = ["monitor", "notify-master", "notify-backup", "notify-fault", "notify-stop", "recover-master"];
  await server11.must(["sh", "-c", "echo 'name = ' >/tmp/malformed.toml"]);
  await server11.must(["sh", "-c", `sed 's/router_id/router_idd/' ${clusterFile} >/tmp/misspelt.toml`]);
  const mistakes: [string[], RegExp][] = [
    [["--cluster", "/nowhere.toml"], /\/nowhere\.toml: no such cluster file\n/],
    [["--cluster", "/tmp/malformed.toml"], /\/tmp\/malformed\.toml:1:\d+: /],
    [["--cluster", "/tmp/misspelt.toml"], /unknown key `vip\.router_idd`; did you mean `router_id`\?\n/],
    [["--node", "server21"], /no node "server21" in the cluster "sessions"\n.*server11/],
    [["--frobnicate"], /frobnicate/],
  ];
  for (const executable of executables) {
    for (const [args, line] of mistakes) {
      const { code, stdout, stderr } = await server11.run([executable, ...args]);
      assert.equal(code, 2, `${executable} ${args.join(" ")}: ${stderr}`);
      assert.equal(stdout, "");
      assert.match(stderr, line, `${executable} ${args.join(" ")}`);
      assert.ok(stderr.trim().split("\n").length <= 2, stderr);
      assert.doesNotMatch(stderr, /\n\s+at /, "a stack trace");
    }
  }
});

scenario(
  "a wrong password is logged as an error and does not move the VIP; no password is in a log",
  {},
  async (lab) => {
    const { server11 } = lab;
    await lab.bringUp();
    await lab.until(
      () => server11.log().some(({ event, cause }) => event === "verdict" && cause === "master"),
      20,
      "a health check has seen that server11 serves",
    );
    server11.disk.write("/etc/keepalived-redis/password", "not-the-password\n", 0o600);
    await lab.until(
      () => server11.log().some(({ cause, level }) => cause === "password" && level === "error"),
      20,
      "the error is logged",
    );
    await sleep(1500);
    assert.ok(server11.holdsVip());
    const { code, stderr } = await server11.run(["notify-backup"]);
    assert.equal(code, 1);
    assert.match(stderr, /WRONGPASS[\s\S]*\n {2}.+/);
    for (const secret of ["not-the-password", lab.password ?? "?"]) {
      for (const server of lab.servers) assert.doesNotMatch(server.logText(), new RegExp(secret));
    }
  },
);
