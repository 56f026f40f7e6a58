import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { endGroup, start } from "./process.ts";

const boot_ms = 10_000;
const end_ms = 10_000;
const script = (name: string) => readFileSync(new URL(name, import.meta.url), "utf8");

/** A set of namespaces that exists as long as its process 1, which ends when this process does. */
export interface Namespace {
  /** Its process 1, by its id on the machine. */
  pid: number;
  /** It was made without real root, in a user namespace, which processes that enter must enter, too. */
  ownUsers: boolean;
  /** The command line that runs `argv` inside. */
  enter(argv: readonly string[]): string[];
  /** As `enter`, but with the process ids of the machine, which `ip link set ... netns PID` needs. */
  enterNetwork(argv: readonly string[]): string[];
  /** Kills all processes inside at once. */
  end(): Promise<void>;
  /** Resolves once it has ended, for any reason. */
  ended(): Promise<void>;
}

/** The namespace of the lab: user, network, mount and process namespaces. `tools` are programs outside of /usr. */
export async function openLab(tools: Record<string, string>): Promise<Namespace> {
  const boot = ["sh", "-c", script("boot-lab.sh"), "boot-lab", ...Object.entries(tools).flat()];
  const namespaces = ["--net", "--mount", "--uts", "--pid", "--fork", "--kill-child", ...boot];
  const ownUsers = () => hold(["unshare", "--user", "--map-root-user", ...namespaces], true);
  try {
    // Root in a container may lack the right to make namespaces, but have the right to make a user namespace.
    return process.getuid?.() === 0 ? await hold(["unshare", ...namespaces], false).catch(ownUsers) : await ownUsers();
  } catch (refused) {
    throw withRemedy(refused);
  }
}

/** The namespace of a host: network, mount, process and host name namespaces inside those of the lab. `system`: as in `Host`. */
export function openHost(lab: Namespace, name: string, disk: string, system = ""): Promise<Namespace> {
  const boot = ["sh", "-c", script("boot-host.sh"), "boot-host", name, disk, system];
  const unshare = ["unshare", "--net", "--mount", "--uts", "--pid", "--fork", "--kill-child", ...boot];
  return hold(lab.enter(unshare), lab.ownUsers);
}

async function hold(argv: readonly string[], ownUsers: boolean): Promise<Namespace> {
  const holder = start(argv);
  const pid = await ready(holder).catch((error) => {
    endGroup(holder);
    throw error;
  });
  // An idle host must not keep the test process running.
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
        // Process 1 has ended, and with it all others.
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
    let output = "";
    const timer = setTimeout(() => reject(new Error(`not booted within ${boot_ms} ms: ${output}`)), boot_ms);
    const listen = (text: string) => {
      output += text;
      const pid = /^ready (\d+)$/m.exec(output)?.[1];
      if (pid === undefined) return;
      clearTimeout(timer);
      resolve(Number(pid));
    };
    holder.stdout?.setEncoding("utf8").on("data", listen);
    holder.stderr?.setEncoding("utf8").on("data", listen);
    holder.on("error", reject);
    holder.on("close", () => {
      clearTimeout(timer);
      reject(new Error(output.trim().split("\n").slice(-3).join("\n")));
    });
  });
}

function withRemedy(error: unknown): Error {
  const cause = (error as Error).message.trim().split("\n").at(-1);
  return new Error(
    `the lab needs Linux namespaces, and this system refuses them (${cause}). Run it as root, or allow them: ` +
      "sysctl kernel.unprivileged_userns_clone=1 (Debian), kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu), " +
      "user.max_user_namespaces above 0 (Red Hat); in a container: docker run --privileged",
  );
}
