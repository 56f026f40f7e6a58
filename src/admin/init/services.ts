import { existsSync } from "node:fs";
import type { Profile } from "../../keepalived/template.ts";
import { holdsVip, vipOf } from "../../keepalived/virtual-ip.ts";
import { observeNode } from "../../redis/observe-cluster.ts";
import { Sessions } from "../../redis/sessions.ts";
import { agentAlive } from "../../state/heartbeat.ts";
import { poll } from "../../system/poll.ts";
import { keepalivedRuns } from "../../system/processes.ts";
import { runCommand } from "../../system/run-command.ts";
import type { AdoptContext } from "./adopt.ts";
import { packagedSysusers, sysusersFile, tmpfilesOf } from "./planned-files.ts";

const agent_ms = 15_000;
const vip_ms = 30_000;
const agentUnit = "keepalived-redis-agent";

const withSystemd = (): boolean => existsSync("/run/systemd/system");

/**
 * The user of the agent, the folders of the track files, and what systemd knows of the units. The package's own files count too: where
 * it was unpacked and not installed, nothing has made its user.
 */
export function commandsAfterFiles(cluster: string, isThere: (path: string) => boolean): string[][] {
  const users = [packagedSysusers, sysusersFile].filter(isThere);
  const folders = ["/usr/lib/tmpfiles.d/keepalived-redis.conf", tmpfilesOf(cluster)].filter(isThere);
  return [
    ...(users.length > 0 ? [["systemd-sysusers", ...users]] : []),
    ...(folders.length > 0 ? [["systemd-tmpfiles", "--create", ...folders]] : []),
    ["systemctl", "daemon-reload"],
  ];
}

export async function afterFiles(cluster: string): Promise<void> {
  if (!withSystemd()) return;
  for (const command of commandsAfterFiles(cluster, existsSync)) await runCommand(command);
}

/** Starts the agent unless it runs. Before Keepalived, which then finds the FIFO and the track files. */
export async function startAgent({ paths, report, proceed }: AdoptContext, profile: Profile, bin: string) {
  if (profile !== "agent" || agentAlive(paths.heartbeat)) return;
  if (!withSystemd()) return report.note(`there is no systemd here: start ${bin}/agent yourself`);
  await runCommand(["systemctl", "enable", "--now", agentUnit]);
  const alive = async () => agentAlive(paths.heartbeat);
  await poll(alive, { deadline_ms: agent_ms, every_ms: 50, proceed, what: `the agent (journalctl -u ${agentUnit})` });
  report.done("the agent runs");
}

/** Lets Keepalived read its new configuration, if it runs. */
export async function reloadKeepalived({ report }: AdoptContext): Promise<void> {
  if (!keepalivedRuns()) return;
  if (!withSystemd()) return report.note("keepalived.conf has changed: let Keepalived read it (SIGHUP)");
  await runCommand(["systemctl", "reload", "keepalived"]);
  report.done("Keepalived has read its new configuration");
}

/** Debian starts Keepalived at each boot once it is installed, and others don't. */
export async function enableKeepalived(): Promise<void> {
  if (withSystemd()) await runCommand(["systemctl", "enable", "keepalived"]);
}

export async function startKeepalived({ cluster }: AdoptContext): Promise<void> {
  if (!keepalivedRuns()) await runCommand(cluster.commands.start_keepalived);
}

/**
 * Waits until the data of this node are served: by this node, or by another holder that has copied them from here and has taken
 * the role over from this one.
 */
export async function untilServed(context: AdoptContext): Promise<void> {
  const { cluster, node, proceed, report } = context;
  const sessions = new Sessions(context);
  const served = async () => {
    if (holdsVip(cluster)) return node.name;
    const seen = await observeNode(context, sessions, node);
    const source = seen.kind === "observed" && seen.source?.link === "up" ? seen.source.host : undefined;
    return cluster.nodes.find(({ address }) => address === source)?.name;
  };
  const what = `the virtual IP on ${node.name} (the log of Keepalived says why not)`;
  try {
    const holder = await poll(served, { deadline_ms: vip_ms, every_ms: 50, proceed, what });
    report.done(`${holder} serves them under ${vipOf(cluster)}`);
  } finally {
    sessions.closeAll();
  }
}
