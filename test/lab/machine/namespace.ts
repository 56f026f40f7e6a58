import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { endGroup, start } from "./process.ts";

const boot_ms = 10_000;
const end_ms = 10_000;
const script = (name: string) => readFileSync(new URL(name, import.meta.url), "utf8");

/** A running set of namespaces, held by its process 1, which ends when this process does. */
export interface Namespace {
  /** Process 1 as seen from the machine. */
  pid: number;
  /** Made without real root, so in a user namespace, which those who enter must enter as well. */
  ownUsers: boolean;
  /** The command line that runs `argv` inside. */
  enter(argv: readonly string[]): string[];
  /** The command line that runs `argv` inside, but sees the machine's process ids: `ip link set ... netns PID` needs that. */
  enterNetwork(argv: readonly string[]): string[];
  /** Power cut: everything inside is killed at once. */
  end(): Promise<void>;
  /** Resolves once it has ended, for whatever reason. */
  ended(): Promise<void>;
}

/** The lab itself: user, network, mount and process namespaces. `tools` are programs that don't lie in /usr. */
export async function openLab(tools: Record<string, string>): Promise<Namespace> {
  const boot = ["sh", "-c", script("boot-lab.sh"), "boot-lab", ...Object.entries(tools).flat()];
  const namespaces = ["--net", "--mount", "--uts", "--pid", "--fork", "--kill-child", ...boot];
  const ownUsers = () => hold(["unshare", "--user", "--map-root-user", ...namespaces], true);
  try {
    // A container's root may lack the rights over namespaces, and yet be allowed to make a user namespace.
    return process.getuid?.() === 0 ? await hold(["unshare", ...namespaces], false).catch(ownUsers) : await ownUsers();
  } catch (refused) {
    throw explained(refused);
  }
}

/** One host of the lab: network, mount, process and host name namespaces inside those of the lab. */
export function openHost(lab: Namespace, name: string, disk: string): Promise<Namespace> {
  const boot = ["sh", "-c", script("boot-host.sh"), "boot-host", name, disk];
  const unshare = ["unshare", "--net", "--mount", "--uts", "--pid", "--fork", "--kill-child", ...boot];
  return hold(lab.enter(unshare), lab.ownUsers);
}

async function hold(argv: readonly string[], ownUsers: boolean): Promise<Namespace> {
  const holder = start(argv);
  const pid = await ready(holder).catch((error) => {
    endGroup(holder);
    throw error;
  });
  // Idle for hours in `npm run lab`: what keeps the tests alive is what they do, not that a host stands there.
  for (const handle of [holder, holder.stdin, holder.stdout, holder.stderr]) (handle as { unref?(): void }).unref?.();
  const user = ownUsers ? ["--user", "--preserve-credentials"] : [];
  const enter = ["nsenter", "--target", String(pid), ...user, "--net"];
  return {
    pid,
    ownUsers,
    enter: (inside) => [...enter, "--mount", "--uts", "--pid", "--", ...inside],
    enterNetwork: (inside) => [...enter, "--", ...inside],
    async end() {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // Process 1 is gone, and with it all the others.
      }
      await ended(holder);
    },
    ended: () => ended(holder),
  };
}

async function ended(holder: ChildProcess): Promise<void> {
  if (holder.exitCode !== null || holder.signalCode !== null) return;
  holder.ref();
  await once(holder, "exit", { signal: AbortSignal.timeout(end_ms) });
}

/** Waits for the line `ready PID` of a boot script. */
function ready(holder: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let said = "";
    const timer = setTimeout(() => reject(new Error(`not up within ${boot_ms} ms: ${said}`)), boot_ms);
    const listen = (text: string) => {
      said += text;
      const pid = /^ready (\d+)$/m.exec(said)?.[1];
      if (pid === undefined) return;
      clearTimeout(timer);
      resolve(Number(pid));
    };
    holder.stdout?.setEncoding("utf8").on("data", listen);
    holder.stderr?.setEncoding("utf8").on("data", listen);
    holder.on("error", reject);
    holder.on("close", () => {
      clearTimeout(timer);
      reject(new Error(said.trim().split("\n").slice(-3).join("\n")));
    });
  });
}

function explained(error: unknown): Error {
  const said = (error as Error).message.trim().split("\n").at(-1);
  return new Error(
    `the lab needs Linux namespaces, and they are refused here (${said}). What allows them: root; or, without root, ` +
      "sysctl kernel.unprivileged_userns_clone=1 (Debian), kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu), " +
      "user.max_user_namespaces above 0 (Red Hat); in a container: docker run --privileged",
  );
}
