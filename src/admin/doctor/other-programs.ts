import { existsSync } from "node:fs";
import { basename } from "node:path";
import spawn from "nano-spawn";
import type { HostFacts } from "../../model/doctor.ts";
import { readIfPresent } from "../../system/read-file.ts";
import { textsIn } from "../../system/texts-in.ts";

const nmcli_ms = 2000;

/** Programs of the host that can take the virtual IP away, or restart Keepalived. */

/** /run/systemd/netif/links/INDEX names the file that systemd-networkd has applied. */
export function networkdOf(name: string): HostFacts["networkd"] {
  const index = new RegExp(`^(\\d+)\\s+${name}\\s`, "m").exec(readIfPresent("/proc/net/igmp") ?? "")?.[1];
  const link = index === undefined ? undefined : readIfPresent(`/run/systemd/netif/links/${index}`);
  const file = /^NETWORK_FILE=(.+)$/m.exec(link ?? "")?.[1];
  if (file === undefined) return { interface: name, file: undefined, keeps: true };
  const dropIns = ["/etc", "/run", "/usr/lib"].flatMap((root) =>
    textsIn(`${root}/systemd/network/${basename(file)}.d`),
  );
  const keeps = [readIfPresent(file) ?? "", ...dropIns].some((text) =>
    /^\s*KeepConfiguration\s*=\s*(yes|true|static)\s*$/m.test(text),
  );
  return { interface: name, file, keeps };
}

/** `nmcli device show` has a line such as `GENERAL.NM-MANAGED:yes`. */
export async function networkManagerOf(name: string): Promise<{ manages: boolean }> {
  if (!existsSync("/run/NetworkManager")) return { manages: false };
  const args = ["--terse", "--fields", "GENERAL.NM-MANAGED", "device", "show", name];
  const { stdout } = await spawn("nmcli", args, { timeout: nmcli_ms, stdin: "ignore" });
  return { manages: /^GENERAL\.NM-MANAGED:yes$/m.test(stdout) };
}

/** A line such as `$nrconf{override_rc}{qr(^keepalived)} = 0;` excepts it. */
export function needrestartRestarts(): boolean {
  const main = readIfPresent("/etc/needrestart/needrestart.conf");
  if (main === undefined) return false;
  return ![main, ...textsIn("/etc/needrestart/conf.d")].some((text) => /^[^#\n]*keepalived.*=>?\s*0/m.test(text));
}

export function upgradesUnattended(): boolean {
  const texts = textsIn("/etc/apt/apt.conf.d").map((text) => text.replaceAll(/^\s*\/\/.*$/gm, ""));
  const on = texts.some((text) => /APT::Periodic::Unattended-Upgrade\s+"[1-9]/.test(text));
  return on && !texts.some((text) => /Package-Blacklist[^}]*keepalived/.test(text));
}
