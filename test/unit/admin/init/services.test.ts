import assert from "node:assert/strict";
import { it } from "node:test";
import { commandsAfterFiles } from "../../../../src/admin/init/services.ts";

const [packagedUser, user] = ["/usr/lib/sysusers.d/keepalived-redis.conf", "/etc/sysusers.d/keepalived-redis.conf"];
const [packagedFolders, folders] = [
  "/usr/lib/tmpfiles.d/keepalived-redis.conf",
  "/etc/tmpfiles.d/keepalived-redis-sessions.conf",
];
const after = (...files: string[]) => commandsAfterFiles("sessions", (path) => files.includes(path));
const reload = ["systemctl", "daemon-reload"];

it("init makes the user and the folders of the files that it wrote, the user first", () => {
  assert.deepEqual(after(user, folders), [
    ["systemd-sysusers", user],
    ["systemd-tmpfiles", "--create", folders],
    reload,
  ]);
});

it("init makes the user and the folders of a package that was only unpacked", () => {
  assert.deepEqual(after(packagedUser, packagedFolders, folders), [
    ["systemd-sysusers", packagedUser],
    ["systemd-tmpfiles", "--create", packagedFolders, folders],
    reload,
  ]);
});

it("init makes no user for the profile hooks, which needs none", () => {
  assert.deepEqual(after(folders), [["systemd-tmpfiles", "--create", folders], reload]);
});
