import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, describe, it } from "node:test";
import { parseCluster } from "../../../src/cluster/load.ts";
import { readPassword } from "../../../src/cluster/password.ts";
import { minimal } from "./cluster-files.ts";

const folder = mkdtempSync(join(tmpdir(), "keepalived-redis-credential-"));
const file = join(folder, "password");
const cluster = parseCluster(minimal.replace("/etc/keepalived-redis/password", file), "cluster.toml");
const give = (name: string, text: string) => writeFileSync(join(folder, name), text);

describe("the password of Redis", () => {
  beforeEach(() => {
    process.env.CREDENTIALS_DIRECTORY = folder;
    give("password", "of the file\n");
  });
  after(() => {
    delete process.env.CREDENTIALS_DIRECTORY;
    rmSync(folder, { recursive: true });
  });

  it("is in the file where systemd gave no credential, or an empty one for a file that is missing", () => {
    assert.equal(readPassword(cluster), "of the file");
    give("redis-password", "\n");
    assert.equal(readPassword(cluster), "of the file");
    delete process.env.CREDENTIALS_DIRECTORY;
    assert.equal(readPassword(cluster), "of the file");
  });

  it("is the credential, that of the cluster before that of all clusters", () => {
    give("redis-password", "of all\n");
    assert.equal(readPassword(cluster), "of all");
    give(`${cluster.name}.redis-password`, "of the cluster\n");
    assert.equal(readPassword(cluster), "of the cluster");
  });

  it("is refused by the name of the credential", () => {
    give(`${cluster.name}.redis-password`, "two\nlines\n");
    assert.throws(() => readPassword(cluster), /^Error: the credential \S+\.redis-password has more than one line$/);
  });
});
