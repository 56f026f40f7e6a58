import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const ours = fileURLToPath(new URL("../../scripts/setup", import.meta.url));
const tools = [
  ...["redis-server", "redis-cli", "redis-check-rdb", "keepalived", "ip", "tc"],
  ...["unshare", "nsenter", "flock", "pivot_root"],
];
const nobody = 65534;

let folder = "";
let project = "";
let bin = "";

/** A machine with only these programs: those that setup itself needs, and those of the test. */
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "keepalived-redis-setup-"));
  chmodSync(folder, 0o755);
  [project, bin] = [join(folder, "project"), join(folder, "bin")];
  for (const made of [project, join(project, "scripts"), join(project, "node_modules"), bin]) mkdirSync(made);
  // Without the line that adds sbin to PATH: this machine may have there what the test removes.
  const text = readFileSync(ours, "utf8");
  const sbin = /^PATH="\$PATH:.*"$/m;
  assert.match(text, sbin);
  writeFileSync(join(project, "scripts", "setup"), text.replace(sbin, ""));
  writeFileSync(join(project, "package-lock.json"), "{}");
  writeFileSync(join(project, "node_modules", ".package-lock.json"), "{}");
  for (const tool of ["dirname", "cmp", "sort", "cp", "mkdir", "chmod"]) {
    const path = spawnSync("bash", ["-c", `type -P ${tool}`], { encoding: "utf8" }).stdout.trim();
    symlinkSync(path, join(bin, tool));
  }
  program("node", "echo v20.19.0");
  for (const tool of tools) program(tool, "");
});
afterEach(() => rmSync(folder, { recursive: true }));

function program(name: string, script: string): void {
  writeFileSync(join(bin, name), `#!/bin/bash\n${script}\n`);
  chmodSync(join(bin, name), 0o755);
}

const without = (...names: string[]) => {
  for (const name of names) rmSync(join(bin, name));
};

function setup({ asNobody = false } = {}) {
  const { status, stdout, stderr } = spawnSync("/bin/bash", [join(project, "scripts", "setup")], {
    encoding: "utf8",
    env: { PATH: bin },
    timeout: 10_000,
    ...(asNobody && process.getuid?.() === 0 && { uid: nobody, gid: nobody }),
  });
  return { status, stdout, stderr };
}

describe("scripts/setup", () => {
  it("does and prints nothing if nothing is missing", () => {
    assert.deepEqual(setup(), { status: 0, stdout: "", stderr: "" });
  });

  it("requires a version of Node.js that the packages support", () => {
    for (const version of ["v18.20.4", "v20.18.3"]) {
      program("node", `echo ${version}`);
      const { status, stderr } = setup();
      assert.equal(status, 1);
      assert.match(stderr, new RegExp(`^setup: Node.js 20.19 or newer is needed, and this is ${version}: install`));
    }
    without("node");
    assert.match(setup().stderr, /^setup: Node.js 20.19 or newer is needed, and there is none: install/);
    program("node", "echo v26.1.0");
    assert.equal(setup().status, 0);
  });

  it("installs npm packages if there are none, or not those of package-lock.json", () => {
    program("npm", `echo "npm $1 $2" >> ${folder}/calls; echo '{}' > node_modules/.package-lock.json`);
    const calls = () => (existsSync(`${folder}/calls`) ? readFileSync(`${folder}/calls`, "utf8") : "");
    without("../project/node_modules/.package-lock.json");
    assert.equal(setup().status, 0);
    // NODE_ENV=production would omit the development tools.
    assert.equal(calls(), "npm ci --include=dev\n");
    assert.deepEqual(setup(), { status: 0, stdout: "", stderr: "" });
    const later = new Date(Date.now() + 60_000).toISOString();
    writeFileSync(join(project, "package-lock.json"), '{ "packages": {} }');
    spawnSync("touch", ["-d", later, join(project, "package-lock.json")]);
    assert.equal(setup().status, 0);
    assert.equal(calls(), "npm ci --include=dev\nnpm ci --include=dev\n");
    assert.deepEqual(setup(), { status: 0, stdout: "", stderr: "" });
  });

  it("falls back to npm install, and reports its failure", () => {
    without("../project/node_modules/.package-lock.json");
    program("npm", `echo "npm $1" >> ${folder}/calls; [[ $1 == install ]]`);
    assert.equal(setup().status, 0);
    assert.equal(readFileSync(`${folder}/calls`, "utf8"), "npm ci\nnpm install\n");
    without("../project/node_modules/.set-up-from.json");
    program("npm", "echo no network >&2; exit 1");
    const { status, stderr } = setup();
    assert.equal(status, 1);
    assert.match(
      stderr,
      /^setup: installing the npm packages\nno network\nsetup: npm could not install the packages \(see above\)\./,
    );
  });

  it("installs missing programs with the package manager of the system, as root", () => {
    const commands: [manager: string, command: string][] = [
      ["dnf", "install --assumeyes iproute iproute-tc keepalived /usr/bin/redis-server"],
      ["yum", "install --assumeyes iproute iproute-tc keepalived /usr/bin/redis-server"],
      ["apk", "add iproute2 keepalived redis"],
      ["zypper", "--non-interactive install --no-recommends iproute2 keepalived redis"],
      ["pacman", "--sync --refresh --noconfirm --needed iproute2 keepalived redis"],
    ];
    program("sudo", '[[ $1 == -n ]] && shift; [[ $1 == true ]] || "$@"');
    program("true", "");
    for (const [manager, command] of commands) {
      without("redis-server", "keepalived", "ip");
      const made = ["redis-server", "keepalived", "ip"].map((tool) => `cp ${bin}/flock ${bin}/${tool}`).join("; ");
      program(manager, `echo "$@" > ${folder}/command; ${made}`);
      const { status, stderr } = setup();
      assert.equal(status, 0, stderr);
      assert.equal(readFileSync(`${folder}/command`, "utf8"), `${command}\n`);
      assert.equal(stderr, `setup: missing: redis-server keepalived ip; ${manager} ${command}\n`);
      without(manager);
    }
  });

  it("takes Valkey's programs for those of Redis", () => {
    for (const what of ["server", "cli", "check-rdb"]) {
      without(`redis-${what}`);
      program(`valkey-${what}`, "");
    }
    assert.deepEqual(setup(), { status: 0, stdout: "", stderr: "" });
  });

  it("knows which packages of Debian have npm and pivot_root, if those of Node.js and util-linux don't", () => {
    without("pivot_root", "../project/node_modules/.package-lock.json");
    program("apt-get", "");
    assert.equal(
      setup({ asNobody: true }).stderr,
      "setup: missing: pivot_root npm. Run this as root, then try again:\n" +
        "  apt-get update; apt-get install --yes --no-install-recommends npm util-linux-extra\n",
    );
    without("apt-get");
    program("dnf", "");
    assert.match(setup({ asNobody: true }).stderr, / {2}dnf install --assumeyes npm util-linux\n$/);
  });

  it("names what to install if it is not root, or knows no package manager", () => {
    without("unshare", "redis-cli");
    assert.equal(
      setup().stderr,
      "setup: missing: redis-cli unshare. No package manager known here: install redis util-linux, then run this again\n",
    );
    program("apt-get", `touch ${folder}/called`);
    const { status, stderr } = setup({ asNobody: true });
    assert.equal(status, 1);
    assert.equal(
      stderr,
      "setup: missing: redis-cli unshare. Run this as root, then try again:\n" +
        "  apt-get update; apt-get install --yes --no-install-recommends redis-server redis-tools util-linux\n",
    );
    assert.equal(existsSync(`${folder}/called`), false);
  });

  it("checks the programs again after the package manager has ended", () => {
    without("keepalived");
    program("sudo", '[[ $1 == -n ]] && shift; [[ $1 == true ]] || "$@"');
    program("true", "");
    program("zypper", "exit 4");
    assert.match(setup().stderr, /setup: that failed \(see above\)\. Put it right, or install keepalived by hand/);
    program("zypper", "exit 0");
    const { status, stderr } = setup();
    assert.equal(status, 1);
    assert.match(stderr, /setup: still missing after zypper .*: keepalived\. Install what has them/);
  });

  it("runs in any working directory", () => {
    const { status } = spawnSync("/bin/bash", ["project/scripts/setup"], { cwd: folder, env: { PATH: bin } });
    assert.equal(status, 0);
  });
});
