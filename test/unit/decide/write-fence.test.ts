import assert from "node:assert/strict";
import { test } from "node:test";
import { writeFence } from "../../../src/decide/write-fence.ts";
import type { Reachability } from "../../../src/model/observation.ts";
import { at, master, replica } from "./situations.ts";

const connected = [{ host: "192.0.2.12", port: 6379, online: true, offset: 1, lag_s: 0 }];

test("the elastic fence: armed by a replica, lifted only when nobody else can be master", () => {
  const fence = (more: {
    alone?: boolean;
    holder?: boolean;
    peer?: Reachability;
    two?: boolean;
    witnessed?: boolean;
  }) =>
    writeFence({
      ours: master(at(10), { replicas: more.alone ? [] : connected }),
      holdsVip: more.holder ?? true,
      peers: [more.peer ?? "answers"],
      otherMaster: more.two ?? false,
      witnessed: more.witnessed ?? false,
    });
  assert.equal(fence({}), "on");
  assert.equal(fence({ alone: true, peer: "refused" }), "off");
  assert.equal(fence({ alone: true, peer: "answers" }), "off");
  assert.equal(fence({ alone: true, peer: "answers", two: true }), "leave", "two that met: not settled yet");
  assert.equal(fence({ alone: true, peer: "silent" }), "leave");
  assert.equal(fence({ alone: true, peer: "silent", witnessed: true }), "off");
  assert.equal(fence({ alone: true, peer: "refused", holder: false }), "leave");
  const replicas = writeFence({
    ours: replica("server11", at(10)),
    holdsVip: false,
    peers: ["silent"],
    otherMaster: false,
    witnessed: false,
  });
  assert.equal(replicas, "off", "a replica must take writes the moment it is promoted");
  const copying = writeFence({
    ours: master(at(10), { replicas: connected.map((one) => ({ ...one, online: false })) }),
    holdsVip: true,
    peers: ["answers"],
    otherMaster: false,
    witnessed: false,
  });
  assert.equal(copying, "off", "a replica whose first copy is under way arms nothing: it acknowledges no writes yet");
});
