import { chmodSync, cpSync, lstatSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Namespace } from "./namespace.ts";

const folders =
  "dev etc home media mnt opt proc root run srv sys tmp usr etc/keepalived etc/keepalived-redis etc/redis " +
  "var/cache var/lib/redis var/log var/tmp";
const accounts = {
  "etc/passwd": "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
  "etc/group": "root:x:0:\nnogroup:x:65534:\n",
  "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
};

/** The disk of a host. It is part of the lab: it survives a power cut and ends with the lab. */
export class Disk {
  /** Its path for processes of the lab. */
  readonly inLab: string;
  /** Its path for the tests, while the host is on or off. */
  readonly #path: string;

  constructor(lab: Namespace, hostName: string) {
    this.inLab = `/media/hosts/${hostName}`;
    this.#path = `/proc/${lab.pid}/root${this.inLab}`;
    for (const folder of folders.split(" ")) mkdirSync(this.at(folder), { recursive: true, mode: 0o755 });
    symlinkSync("/run", this.at("var/run"));
    for (const [path, text] of Object.entries({ ...accounts, "etc/hosts": "127.0.0.1 localhost\n" })) {
      this.write(path, text);
    }
  }

  /** The path of a file of this disk as the tests see it. Not for file systems in memory: /run, /tmp, /dev. */
  at(path: string): string {
    return join(this.#path, path);
  }

  write(path: string, text: string | Uint8Array, mode = 0o644): void {
    mkdirSync(dirname(this.at(path)), { recursive: true, mode: 0o755 });
    writeFileSync(this.at(path), text);
    chmodSync(this.at(path), mode);
  }

  /** Copies a file or folder of the machine to this disk, owned by the host's root, as an installer would. */
  install(from: string, to: string): void {
    cpSync(from, this.at(to), { recursive: true, dereference: true });
    if (lstatSync(this.at(to)).isDirectory()) chmodSync(this.at(to), 0o755);
  }
}
