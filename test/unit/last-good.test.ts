import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { UsageError } from "../../src/cluster/errors.ts";
import { loadOrLastGood } from "../../src/cluster/last-good.ts";

const good = (router = 51) => `name = "sessions"
[vip]
address = "192.0.2.120/24"
interface = "eth0"
router_id = ${router}
[[nodes]]
name = "server11"
address = "192.0.2.11"
[[nodes]]
name = "server12"
address = "192.0.2.12"
`;

let folder = "";
let file = "";
let root = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "keepalived-redis-last-good-"));
  file = join(folder, "cluster.toml");
  root = join(folder, "state", "last-good");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const load = () => loadOrLastGood(file, undefined, root);
const kept = () => (existsSync(root) ? readdirSync(root) : []);

describe("the cluster file, or the last good one", () => {
  it("where it never was good, says what is wrong", async () => {
    await assert.rejects(load(), UsageError);
    writeFileSync(file, "name = ");
    await assert.rejects(load(), UsageError);
    assert.deepEqual(kept(), []);
  });

  it("unchanged is the same again, with every default", async () => {
    writeFileSync(file, good());
    const first = await load();
    assert.equal(first.broken, undefined);
    assert.equal(first.cluster.redis.port, 6379);
    assert.deepEqual(await load(), { cluster: first.cluster });
    assert.equal(kept().length, 1);
  });

  it("changed counts at once", async () => {
    writeFileSync(file, good());
    await load();
    writeFileSync(file, good(52));
    const { cluster, broken } = await load();
    assert.equal(cluster.vip.router_id, 52);
    assert.equal(broken, undefined);
    assert.equal(kept().length, 1);
  });

  const damages: [string, () => void][] = [
    ["cut short", () => writeFileSync(file, good().slice(0, 40))],
    ["empty", () => writeFileSync(file, "")],
    ["with a key that nobody knows", () => writeFileSync(file, `${good()}colour = "red"\n`)],
    ["with a value that can't be", () => writeFileSync(file, good(999))],
    ["gone", () => rmSync(file)],
    [
      "a folder by mistake",
      () => {
        rmSync(file);
        mkdirSync(file);
      },
    ],
  ];
  for (const [name, damage] of damages) {
    it(`${name}: the last good one stands in, and it says so; repaired, it counts again`, async () => {
      writeFileSync(file, good(51));
      await load();
      damage();
      for (const _ of [1, 2]) {
        const { cluster, broken } = await load();
        assert.equal(cluster.vip.router_id, 51);
        assert.ok(broken instanceof UsageError);
        assert.match(broken.message, /cluster\.toml/);
      }
      rmSync(file, { recursive: true, force: true });
      writeFileSync(file, good(53));
      const { cluster, broken } = await load();
      assert.equal(cluster.vip.router_id, 53);
      assert.equal(broken, undefined);
    });
  }

  it("two cluster files on one host don't stand in for each other", async () => {
    writeFileSync(file, good());
    await load();
    await assert.rejects(loadOrLastGood(join(folder, "other.toml"), undefined, root), UsageError);
  });

  it("where nothing can be kept it is read anew each time, and a broken one is an error", async () => {
    writeFileSync(join(folder, "state"), "a file where the folder should be");
    writeFileSync(file, good());
    assert.equal((await load()).cluster.vip.router_id, 51);
    writeFileSync(file, good(52));
    assert.equal((await load()).cluster.vip.router_id, 52);
    writeFileSync(file, "name =");
    await assert.rejects(load(), UsageError);
  });

  it("a copy that is damaged itself is no help, and no harm", async () => {
    writeFileSync(file, good());
    await load();
    writeFileSync(join(root, kept()[0] ?? ""), '{"version":');
    assert.equal((await load()).cluster.vip.router_id, 51);
    writeFileSync(join(root, kept()[0] ?? ""), "null");
    assert.equal((await load()).cluster.vip.router_id, 51);
  });

  it("kept by a scripts' umask of Keepalived it can still be entered, and only its owner reads it", async () => {
    writeFileSync(file, good());
    const before = process.umask(0o177);
    try {
      await load();
    } finally {
      process.umask(before);
    }
    assert.equal(statSync(root).mode & 0o777, 0o755);
    assert.equal(statSync(join(root, kept()[0] ?? "")).mode & 0o777, 0o600);
  });
});
