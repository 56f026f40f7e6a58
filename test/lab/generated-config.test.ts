import assert from "node:assert/strict";
import { scenario } from "./scenario.ts";
import { binFolder, type Server } from "./server/server.ts";

/** Keepalived itself checks the files of generate-config, on a host with the interface and the scripts. */

const clusterFile = (sections: { vip?: string; nodes?: string; name?: string; network?: string; prefix?: number }) => {
  const { vip = "", nodes = "", name = "carts", network = "192.0.2.", prefix = 24 } = sections;
  const node = (host: string, last: number) => `[[nodes]]\nname = "${host}"\naddress = "${network}${last}"\n`;
  return `name = "${name}"
[vip]
address = "${network}77/${prefix}"
interface = "eth0"
router_id = ${name === "carts" ? 77 : 78}
${vip}
${node("server11", 11)}${node("server12", 12)}${nodes}`;
};

const six = { network: "2001:db8::", prefix: 64 };
const clusters: Record<string, string> = {
  plain: clusterFile({}),
  password: clusterFile({ vip: 'auth_password = "1fish2fi"' }),
  "slow password": clusterFile({ vip: 'auth_password = "a.b_c-d+"\nadvert_interval = 40' }),
  "quick adverts": clusterFile({ vip: "advert_interval = 0.01" }),
  multicast: clusterFile({ vip: "unicast = false" }),
  IPv6: clusterFile(six),
  "IPv6 multicast": clusterFile({ ...six, vip: "unicast = false" }),
  "three nodes": clusterFile({ nodes: '[[nodes]]\nname = "server13"\naddress = "192.0.2.13"\npriority = 250' }),
  "a long name": clusterFile({ name: "a-name_that.is-as_long.as-can_be" }),
};

const checkWithKeepalived = async (server: Server, file: string) => {
  const { code, stdout, stderr } = await server.exec(["keepalived", "-t", "-f", file]);
  return { code, output: `${stdout}${stderr}`.trim() };
};

async function generated(server: Server, cluster: string, ...args: string[]): Promise<string> {
  server.disk.write("/etc/tried.toml", cluster);
  const { code, stdout, stderr } = await server.run([
    ...["generate-config", "--cluster", "/etc/tried.toml", "--node", "server11", ...args],
  ]);
  assert.equal(code, 0, stderr);
  return stdout;
}

scenario("keepalived -t accepts every configuration of generate-config, without a message", {}, async (lab) => {
  const { server11 } = lab;
  for (const [what, cluster] of Object.entries(clusters)) {
    for (const profile of ["hooks", "agent"]) {
      server11.disk.write("/etc/tried.conf", await generated(server11, cluster, "--profile", profile));
      assert.deepEqual(
        await checkWithKeepalived(server11, "/etc/tried.conf"),
        { code: 0, output: "" },
        `${what}, ${profile}`,
      );
    }
  }
  // Two clusters on the same hosts share one Keepalived.
  const one = await generated(server11, clusters.plain ?? "");
  const other = await generated(server11, (clusters["a long name"] ?? "").replaceAll("2.77", "2.78"));
  server11.disk.write("/etc/tried.conf", one + other);
  assert.deepEqual(await checkWithKeepalived(server11, "/etc/tried.conf"), { code: 0, output: "" });
  // keepalived -t does find errors.
  server11.disk.write("/etc/tried.conf", one.replace("advert_int 0.2", "advert_int 0.205"));
  assert.equal((await checkWithKeepalived(server11, "/etc/tried.conf")).code, 5);
});

scenario(
  "generate-config writes a fraction of a second where keepalived -t accepts it, and only there",
  {},
  async (lab) => {
    const { server11 } = lab;
    // Keepalived 2.3 refuses a track file in a folder that is not there.
    await server11.must(["mkdir", "-p", "/run/keepalived-redis/carts"]);
    const generateConfig = async (node: string) => {
      server11.disk.write("/etc/tried.toml", `${clusters.plain}[monitor]\ninterval = 0.25\n`);
      return server11.run(["generate-config", "--cluster", "/etc/tried.toml", "--node", node]);
    };
    // That of the other node is written whatever Keepalived is here.
    const { stdout, stderr } = await generateConfig("server12");
    assert.match(stderr, /nobody looked at the Keepalived of server12/);
    server11.disk.write("/etc/tried.conf", stdout.replaceAll("192.0.2.11", "192.0.2.12"));
    const accepted = await checkWithKeepalived(server11, "/etc/tried.conf");
    const { code, stderr: said } = await generateConfig("server11");
    assert.equal(code, accepted.code === 0 ? 0 : 1, `${accepted.output}\n${said}`);
    if (code === 1) {
      assert.match(accepted.output, /interval '0\.25' must be between 1 and/);
      assert.match(
        said,
        /Keepalived [\d.]+ of this host counts whole seconds, and does not take a check every 0\.25 s/,
      );
    }
  },
);

/** Ways to install the executables below /opt/tried, and what refuses them: Keepalived and generate-config, or only the latter. */
const installations: {
  what: string;
  how: string;
  refusedBy: "none" | "both" | "generate-config";
  realRoot?: boolean;
}[] = [
  { what: "a folder of root", how: "true", refusedBy: "none" },
  { what: "a folder that root's group may write to", how: "chmod 775 .", refusedBy: "none" },
  { what: "a sticky folder above", how: "chmod 1777 .", refusedBy: "none" },
  { what: "a link to a release", how: "mv bin 1.2 && ln -s 1.2 bin", refusedBy: "none" },
  { what: "a folder that all may write to", how: "chmod 777 .", refusedBy: "both" },
  { what: "an executable that all may write to", how: "chmod 757 bin/monitor", refusedBy: "both" },
  // keepalived -t does not report it, but Keepalived ignores the script at its start.
  { what: "an executable without its run bit", how: "chmod 644 bin/monitor", refusedBy: "generate-config" },
  { what: "an executable that is missing", how: "rm bin/monitor", refusedBy: "both" },
  { what: "a folder in its place", how: "rm bin/monitor && mkdir bin/monitor", refusedBy: "both" },
  { what: "a link into such a folder", how: "mkdir -m 777 all && mv bin all/ && ln -s all/bin bin", refusedBy: "both" },
  { what: "a link that leads nowhere", how: "mv bin 1.2 && ln -s 1.3 bin", refusedBy: "both" },
  {
    what: "a link through such a folder",
    how: "mv bin 1.2 && mkdir -m 777 all && ln -s ../1.2 all/now && ln -s all/now bin",
    refusedBy: "generate-config",
  },
  { what: "a folder of another user", how: "chown 12345 .", refusedBy: "both", realRoot: true },
  {
    what: "a folder that another group may write to",
    how: "chgrp 12345 . && chmod 775 .",
    refusedBy: "both",
    realRoot: true,
  },
  {
    what: "a folder of another group that only root may write to",
    how: "chgrp 12345 .",
    refusedBy: "none",
    realRoot: true,
  },
];

const tried = "/opt/tried";

scenario("generate-config refuses the executables that Keepalived's script security refuses", {}, async (lab) => {
  const { server11 } = lab;
  // Keepalived checks only the program that it starts itself, so here it starts the monitor without env.
  const direct = (await generated(server11, clusters.plain ?? "")).replace(
    /script ".*"/,
    `script "${tried}/bin/monitor"`,
  );
  server11.disk.write("/etc/direct.conf", direct);
  // In a user namespace with one user no file can belong to another one.
  const rootAlone = /\s1\s*$/.test((await server11.must(["cat", "/proc/self/uid_map"])).stdout);
  for (const { what, how, refusedBy, realRoot = false } of installations) {
    if (realRoot && rootAlone) continue;
    const setUp = `rm -rf ${tried} && mkdir ${tried} && cp -a ${binFolder} ${tried}/bin && cd ${tried} && ${how}`;
    await server11.must(["sh", "-c", setUp]);
    const { output } = await checkWithKeepalived(server11, "/etc/direct.conf");
    const args = ["--cluster", "/etc/tried.toml", "--node", "server11", "--bin-dir", `${tried}/bin`];
    const { code, stderr } = await server11.run(["generate-config", ...args]);
    assert.equal(/disabling|cannot be accessed/i.test(output), refusedBy === "both", `${what}: Keepalived: ${output}`);
    assert.equal(code, refusedBy === "none" ? 0 : 1, `${what}: ${stderr}`);
    if (code === 1) assert.match(stderr, /root must not run the executables in \/opt\/tried\/bin: \/opt\/tried/, what);
  }
});
