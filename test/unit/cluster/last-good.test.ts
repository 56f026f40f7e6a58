import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { UsageError } from "../../../src/cluster/errors.ts";
import { loadOrLastGood } from "../../../src/cluster/last-good.ts";
import { localNode } from "../../../src/cluster/local-node.ts";
import { minimal, replaced, under } from "./cluster-files.ts";

const folder = mkdtempSync(join(tmpdir(), "keepalived-redis-last-good-"));
after(() => rmSync(folder, { recursive: true }));
let count = 0;

/** A cluster file and a folder for the copies, both new. */
function place() {
  const root = join(folder, String(++count), "run", ".last-good");
  const file = join(folder, `${count}.toml`);
  writeFileSync(file, minimal);
  const copy = () => join(root, readdirSync(root)[0] ?? "");
  return { file, root, copy, load: () => loadOrLastGood(file, undefined, root) };
}

describe("the last good cluster file", () => {
  const damages: [string, (file: string) => void][] = [
    ["cut short", (file) => writeFileSync(file, minimal.slice(0, 40))],
    ["empty", (file) => writeFileSync(file, "")],
    ["with a key that nobody knows", (file) => writeFileSync(file, `${minimal}colour = "red"\n`)],
    ["with a value that can't be", (file) => writeFileSync(file, replaced("51", "0"))],
    ["gone", (file) => rmSync(file)],
    [
      "a folder by mistake",
      (file) => {
        rmSync(file);
        mkdirSync(file);
      },
    ],
  ];
  for (const [name, damage] of damages)
    it(`stands in for one that is ${name}, and the error goes with it; repaired, that counts again`, async () => {
      const { file, load } = place();
      const good = await load();
      assert.equal(good.broken, undefined);
      damage(file);
      for (const _ of [1, 2]) {
        const { cluster, broken } = await load();
        assert.deepEqual(cluster, good.cluster);
        assert.ok(broken instanceof UsageError);
        assert.ok(broken.message.includes(file), broken.message);
      }
      rmSync(file, { recursive: true, force: true });
      writeFileSync(file, replaced("51", "53"));
      const { cluster, broken } = await load();
      assert.equal(cluster.vip.router_id, 53);
      assert.equal(broken, undefined);
    });

  it("stands in for one after which this host is no node of the cluster", async () => {
    const { file, root } = place();
    const load = () => loadOrLastGood(file, (cluster) => localNode(cluster, undefined, ["192.168.1.112"]), root);
    const good = await load();
    writeFileSync(file, replaced("192.168.1.112", "192.168.1.114"));
    const { cluster, broken } = await load();
    assert.deepEqual(cluster, good.cluster);
    assert.match(broken?.message ?? "", /is none of the nodes/);
  });

  it("is the newest that was good", async () => {
    const { file, load } = place();
    await load();
    writeFileSync(file, replaced("51", "52"));
    assert.equal((await load()).cluster.vip.router_id, 52);
    writeFileSync(file, "oops");
    assert.equal((await load()).cluster.vip.router_id, 52);
    writeFileSync(file, minimal);
    const { cluster, broken } = await load();
    assert.equal(cluster.vip.router_id, 51);
    assert.equal(broken, undefined);
  });

  it("can't be made of a file that never was good", async () => {
    const { file, load } = place();
    writeFileSync(file, "oops");
    await assert.rejects(load, UsageError);
  });

  it("is one for each file, also where two have the same name", async () => {
    const one = place();
    const other = join(folder, "other", "1.toml");
    mkdirSync(join(folder, "other"));
    writeFileSync(other, replaced("sessions", "carts"));
    await loadOrLastGood(other, undefined, one.root);
    assert.equal((await one.load()).cluster.name, "sessions");
    writeFileSync(other, "oops");
    assert.equal((await loadOrLastGood(other, undefined, one.root)).cluster.name, "carts");
  });

  it("is written only when the file has changed, whole, and for nobody else to read", async () => {
    const { root, copy, file, load } = place();
    await load();
    assert.equal(statSync(copy()).mode & 0o777, 0o600);
    assert.equal(statSync(root).mode & 0o777, 0o755);
    const { ino } = statSync(copy());
    await load();
    assert.equal(statSync(copy()).ino, ino);
    writeFileSync(file, under("redis", "port = 6380"));
    await load();
    assert.notEqual(statSync(copy()).ino, ino, "written in place");
    assert.deepEqual(readdirSync(root).length, 1);
  });

  it("that can't be kept or read changes nothing", async () => {
    const { file, load, copy } = place();
    await load();
    writeFileSync(copy(), "half a li");
    assert.equal((await load()).cluster.name, "sessions");
    assert.match(readFileSync(copy(), "utf8"), /^\{/);
    writeFileSync(copy(), "null");
    assert.equal((await load()).cluster.name, "sessions");
    writeFileSync(file, minimal);
    const nowhere = await loadOrLastGood(file, undefined, join(file, "below-a-file"));
    assert.equal(nowhere.cluster.name, "sessions");
    writeFileSync(file, "oops");
    await assert.rejects(loadOrLastGood(file, undefined, join(file, "below-a-file")), UsageError);
  });

  it("is taken as it was parsed while the file is the same", async () => {
    const { load, copy } = place();
    await load();
    const kept = JSON.parse(readFileSync(copy(), "utf8"));
    kept.cluster.name = "not-parsed-again";
    writeFileSync(copy(), JSON.stringify(kept));
    assert.equal((await load()).cluster.name, "not-parsed-again");
  });
});
