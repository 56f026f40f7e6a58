import assert from "node:assert/strict";
import { it } from "node:test";
import { hostPort, splitHostPort } from "../../../src/system/host-port.ts";

for (const [text, host, port] of [
  ["127.0.0.1:9121", "127.0.0.1", 9121],
  ["[::1]:9121", "::1", 9121],
  ["localhost:1", "localhost", 1],
] as const)
  it(`${text} is a host and a port, and back`, () => {
    assert.deepEqual(splitHostPort(text), { host, port });
    assert.equal(hostPort(host, port), text);
  });
