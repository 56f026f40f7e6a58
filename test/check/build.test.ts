import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { build, bundle, type Executable } from "../../scripts/build.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "keepalived-redis-build-"));
const out = join(folder, "out");
let executables: Executable[] = [];

before(async () => {
  mkdirSync(out);
  writeFileSync(join(out, "renamed-since"), "");
  executables = await build(out);
});
after(() => rmSync(folder, { recursive: true }));

describe("the build", () => {
  it("makes one file of each file in bin, and deletes other files", () => {
    const names = readdirSync(join(root, "bin")).map((file) => file.replace(/\.(ts|sh)$/, ""));
    assert.deepEqual(readdirSync(out).sort(), [...names, "package.json", "THIRD-PARTY-LICENSES"].sort());
  });

  it("leaves a file that is right as it is, and replaces one that is not", async () => {
    const inodes = () => Object.fromEntries(readdirSync(out).map((name) => [name, statSync(join(out, name)).ino]));
    const before = inodes();
    await build(out);
    assert.deepEqual(inodes(), before);
    writeFileSync(join(out, "monitor"), "broken");
    chmodSync(join(out, "monitor"), 0o644);
    await build(out);
    const { monitor, ...others } = inodes();
    assert.deepEqual({ ...others, monitor: before.monitor }, before);
    assert.notEqual(monitor, before.monitor);
    assert.equal(statSync(join(out, "monitor")).mode & 0o777, 0o755);
  });

  it("makes files that run wherever they are copied alone", () => {
    const elsewhere = join(folder, "elsewhere");
    mkdirSync(elsewhere);
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    for (const { name, path } of executables) {
      assert.equal(statSync(path).mode & 0o777, 0o755, name);
      assert.match(readFileSync(path, "utf8"), /^#!\/usr\/bin\/env node\n/);
      copyFileSync(path, join(elsewhere, name));
      const { status, stdout, stderr } = spawnSync(join(elsewhere, name), ["--version"], {
        encoding: "utf8",
        cwd: "/",
        env: { PATH: process.env.PATH },
        timeout: 10_000,
      });
      assert.deepEqual({ name, status, stdout, stderr }, { name, status: 0, stdout: `${version}\n`, stderr: "" });
    }
  });

  it("makes readable files, and a stack trace names their lines", () => {
    const monitor = join(out, "monitor");
    const lines = readFileSync(monitor, "utf8").split("\n");
    const longest = Math.max(...lines.map(({ length }) => length));
    assert.ok(longest < 2000, `a line of ${longest} characters`);
    const broken = join(folder, "broken-os.cjs");
    writeFileSync(broken, 'require("node:os").networkInterfaces = () => { throw new TypeError("as planted"); };');
    const { stderr } = spawnSync(monitor, {
      encoding: "utf8",
      env: { PATH: process.env.PATH, KEEPALIVED_REDIS_DEBUG: "1", NODE_OPTIONS: `--require ${broken}` },
    });
    assert.match(stderr, /^monitor: unexpected: TypeError: as planted\n/);
    const [, line] = new RegExp(`${monitor}:(\\d+):\\d+`).exec(stderr) ?? [];
    assert.match(lines[Number(line) - 1] ?? "", /networkInterfaces\)?\(/, stderr);
  });

  it("adds the licence of each bundled package to each file, and to THIRD-PARTY-LICENSES", () => {
    const beside = readFileSync(join(out, "THIRD-PARTY-LICENSES"), "utf8");
    for (const { name, path, packages } of executables) {
      const within = readFileSync(path, "utf8");
      assert.ok(packages.length > 0, name);
      for (const { name, version, licence, text } of packages) {
        assert.ok(text.length > 200, `the licence text of ${name} is too short`);
        for (const place of [within, beside]) assert.ok(place.includes(`${name} ${version} (${licence})\n\n${text}`));
      }
    }
  });

  it("reports the error of a source, and keeps the file of the last build", async () => {
    const source = join(folder, "broken.ts");
    const path = join(folder, "broken");
    writeFileSync(path, "the former one");
    writeFileSync(source, 'import "./not-there.ts";');
    await assert.rejects(bundle(source, path), /not-there/);
    assert.equal(readFileSync(path, "utf8"), "the former one");
  });

  it("includes a template as text", async () => {
    const source = join(folder, "template.ts");
    writeFileSync(join(folder, "greeting.hbs"), "hello {{name}}\n");
    writeFileSync(source, 'import text from "./greeting.hbs"; process.stdout.write(text);');
    const { path } = await bundle(source, join(folder, "template"));
    assert.equal(spawnSync(path, { encoding: "utf8" }).stdout, "hello {{name}}\n");
  });
});
