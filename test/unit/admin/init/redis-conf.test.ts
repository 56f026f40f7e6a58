import assert from "node:assert/strict";
import { it } from "node:test";
import { directives, lastValue, sameValue, withInclude } from "../../../../src/admin/init/redis-conf.ts";

it("directives are read with their quotes taken off, comments left out", () => {
  assert.deepEqual(directives('# port 1\nport 6380\n\n  requirepass "a\\"b\\\\c d"\nmasterauth \'x\'\nsave ""\n'), [
    { name: "port", value: "6380" },
    { name: "requirepass", value: 'a"b\\c d' },
    { name: "masterauth", value: "x" },
    { name: "save", value: "" },
  ]);
});

it("the last value counts, in included files too", () => {
  const files: Record<string, string> = {
    "/etc/redis/redis.conf": "requirepass old\ninclude local.conf\nport 6380\n",
    "/etc/redis/local.conf": "requirepass new\ninclude /etc/redis/redis.conf\n",
  };
  const read = (file: string) => files[file];
  assert.equal(lastValue("/etc/redis/redis.conf", "port", read), "6380");
  assert.equal(lastValue("/etc/redis/redis.conf", "save", read), undefined);
  delete files["/etc/redis/local.conf"];
  assert.equal(lastValue("/etc/redis/redis.conf", "requirepass", read), "old");
});

it("an include stands last, once", () => {
  const once = withInclude("port 1", "/a.conf", "# ours");
  assert.equal(once, "port 1\n# ours\ninclude /a.conf\n");
  assert.equal(withInclude(once, "/a.conf", "# ours"), once);
  assert.equal(withInclude(`${once}port 2\n`, "/a.conf", "# ours"), "port 1\nport 2\n# ours\ninclude /a.conf\n");
  assert.equal(withInclude("", "/a.conf", "# ours"), "# ours\ninclude /a.conf\n");
});

it("64mb is what Redis calls 67108864", () => {
  assert.ok(sameValue("64mb", "67108864"));
  assert.ok(sameValue("* -::*", "* -::*"));
  assert.ok(!sameValue("64m", "67108864"));
  assert.ok(!sameValue("yes", "no"));
  assert.ok(!sameValue("0", "5"));
});
