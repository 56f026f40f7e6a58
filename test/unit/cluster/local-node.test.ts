import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { parseCluster } from "../../../src/cluster/load.ts";
import { localNode, peersOf, priorityOf } from "../../../src/cluster/local-node.ts";
import { passwordWarning, readPassword } from "../../../src/cluster/password.ts";
import { pathsOf } from "../../../src/cluster/paths.ts";
import { hostAddresses } from "../../../src/system/host-addresses.ts";
import { minimal, replaced, under } from "./cluster-files.ts";

const cluster = parseCluster(minimal, "cluster.toml");
const third = '[[nodes]]\nname = "server13"\naddress = "192.168.1.114"\n';
const three = parseCluster(`${minimal}priority = 240\n${third}`, "cluster.toml");
const usage = (message: RegExp, remedy: RegExp) => (error: Error & { remedy?: string }) => {
  assert.equal(error.constructor.name, "UsageError");
  assert.match(error.message, message);
  assert.match(error.remedy ?? "", remedy);
  return true;
};

describe("which node this is", () => {
  it("is told by the host's addresses", () => {
    assert.equal(localNode(cluster, undefined, ["127.0.0.1", "192.168.1.113"]).name, "server12");
    const six = parseCluster(replaced("192.168.1.", "2001:DB8::0", minimal), "cluster.toml");
    assert.equal(localNode(six, undefined, ["::1", "2001:db8::113"]).name, "server12");
  });

  it("is told by a name, whatever the addresses are", () => {
    assert.equal(localNode(cluster, "server12", ["192.168.1.112"]).name, "server12");
    assert.throws(
      () => localNode(cluster, "server21", []),
      usage(
        /no node "server21" in the cluster "sessions"/,
        /did you mean server1[12]\?|its nodes are server11, server12/,
      ),
    );
  });

  it("can't be told on another host, or on one that has two of the addresses", () => {
    assert.throws(
      () => localNode(cluster, undefined, ["127.0.0.1", "fe80::1", "10.0.0.7"]),
      usage(/this host \(10\.0\.0\.7\) is none of the nodes \(server11 192\.168\.1\.112, server12 /, /--node NAME/),
    );
    assert.throws(() => localNode(cluster, undefined, ["127.0.0.1"]), usage(/\(no address\)/, /--node NAME/));
    assert.throws(
      () => localNode(cluster, undefined, ["192.168.1.112", "192.168.1.113"]),
      usage(/more than one node/, /--node NAME/),
    );
  });

  it("asks this host for its addresses", () => {
    assert.ok(hostAddresses().includes("127.0.0.1"));
  });
});

describe("the order of the nodes", () => {
  it("is that of the file, near the highest priority that there is, unless they say otherwise", () => {
    assert.deepEqual(
      three.nodes.map((node) => priorityOf(three, node)),
      [254, 240, 252],
    );
  });

  it("has every other node as a peer", () => {
    const names = three.nodes.map((node) =>
      peersOf(three, node)
        .map(({ name }) => name)
        .join(),
    );
    assert.deepEqual(names, ["server12,server13", "server11,server13", "server11,server12"]);
  });
});

describe("the files of a cluster", () => {
  it("are below folders of its name", () => {
    const paths = pathsOf(cluster);
    assert.equal(paths.lock, "/run/keepalived-redis/sessions/lock");
    assert.equal(paths.quarantine, "/var/lib/keepalived-redis/sessions/quarantine");
    assert.equal(paths.log, "/var/log/keepalived-redis/sessions.log");
    const elsewhere = parseCluster(under("paths", 'state = "/srv/state"'), "cluster.toml");
    assert.equal(pathsOf(elsewhere).drain, "/srv/state/sessions/drain");
  });
});

describe("the password of Redis", () => {
  const folder = mkdtempSync(join(tmpdir(), "keepalived-redis-password-"));
  after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "password");
  const secret = "hunter2";
  const withFile = parseCluster(replaced("/etc/keepalived-redis/password", file), "cluster.toml");
  const put = (text: string) => writeFileSync(file, text, { mode: 0o600 });

  it("is what the file says, without the newline that editors add", () => {
    for (const [text, password] of [
      [secret, secret],
      [`${secret}\n`, secret],
      [`${secret}\r\n`, secret],
      [` ${secret} \n`, ` ${secret} `],
    ] as const) {
      put(text);
      assert.equal(readPassword(withFile), password);
    }
    assert.equal(readPassword(parseCluster(minimal.replace(/^password_file.*$/m, ""), "cluster.toml")), undefined);
  });

  it("is missed in one line that doesn't show it", () => {
    for (const [text, line] of [
      ["", /is empty$/],
      ["\n", /is empty$/],
      [`${secret}\n\n`, /has more than one line$/],
      [`user\n${secret}\n`, /has more than one line$/],
    ] as const) {
      put(text);
      assert.throws(() => readPassword(withFile), usage(line, /./));
      assert.throws(
        () => readPassword(withFile),
        (error: Error) => !error.message.includes(secret),
      );
    }
    rmSync(file);
    assert.throws(
      () => readPassword(withFile),
      usage(/can't read redis\.password_file .*\(ENOENT\)$/, /readable by root/),
    );
    assert.equal(passwordWarning(withFile), undefined);
    mkdirSync(file);
    assert.throws(() => readPassword(withFile), usage(/\(EISDIR\)$/, /readable by root/));
    rmSync(file, { recursive: true });
  });

  it("that others can read works, and is warned of", () => {
    put(secret);
    assert.equal(passwordWarning(withFile), undefined);
    for (const mode of [0o640, 0o604, 0o644]) {
      chmodSync(file, mode);
      assert.equal(readPassword(withFile), secret);
      assert.match(passwordWarning(withFile) ?? "", /can be read by others.*: chmod 600 /);
    }
  });
});
