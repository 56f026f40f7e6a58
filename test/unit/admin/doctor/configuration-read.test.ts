import assert from "node:assert/strict";
import { it } from "node:test";
import { saysWhy } from "../../../../src/admin/doctor/configuration-read.ts";

it("a reload was refused if its check says more than a NOTICE", () => {
  assert.equal(saysWhy(""), false);
  assert.equal(saysWhy("NOTICE: setting config option max_auto_priority should help\n"), false);
  assert.equal(saysWhy("(/etc/keepalived/keepalived.conf: Line 10) Unknown keyword 'prioritty'\n"), true);
});
