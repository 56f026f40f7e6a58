import assert from "node:assert/strict";
import { test } from "node:test";
import { accessOptions } from "../../../src/redis/cli-program.ts";

test("redis-cli logs in as our user, by TLS with our certificate", () => {
  assert.deepEqual(accessOptions({}), []);
  assert.deepEqual(accessOptions({ username: "failover", tls: {} }), ["--user", "failover", "--tls"]);
  assert.deepEqual(accessOptions({ tls: { ca: "/ca", cert: "/cert", key: "/key", server_name: "redis" } }), [
    ...["--tls", "--cacert", "/ca", "--cert", "/cert", "--key", "/key", "--sni", "redis"],
  ]);
});
