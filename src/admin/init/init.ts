import { join } from "node:path";
import { CommandRefused } from "../../cluster/errors.ts";
import { packageFolder } from "../../cluster/paths.ts";
import { mainConf } from "../../keepalived/folder-problem.ts";
import { readIfPresent } from "../../system/read-file.ts";
import { recover } from "../recover.ts";
import { type AdoptContext, adopt } from "./adopt.ts";
import { missing, terminalAsk } from "./ask.ts";
import { dataInWords, nodesInWords, othersOf } from "./in-words.ts";
import { install } from "./install.ts";
import { encode } from "./join-line.ts";
import { sharedSettings } from "./keepalived-conf.ts";
import { type InitFlags, type Prepared, prepare } from "./prepare.ts";
import { enableKeepalived, reloadKeepalived, startAgent, startKeepalived, untilServed } from "./services.ts";
import { diffOf } from "./show-change.ts";

export interface InitInput {
  flags: InitFlags;
  dryRun: boolean;
  print(text: string): void;
  /** Cluster, node, password and log, once the cluster file is in place. */
  openContext(): Promise<AdoptContext & { close(): Promise<void> }>;
}

/** From a Redis that runs alone to a node of a cluster. Each step is skipped if it is done already, so it can be run again after any end. */
export async function init({ flags, dryRun, print, openContext }: InitInput): Promise<void> {
  const prepared = await prepare(flags);
  try {
    show(prepared, print);
    if (dryRun) return;
    await confirm(prepared);
    await install(prepared, (sentence) => print(`  ok    ${sentence}\n`));
    if (prepared.running) await begin(prepared, await openContext());
    else print("  note  nothing was started and no Redis was asked: --root\n");
  } finally {
    prepared.running?.local.close();
  }
  print(nextLine(prepared));
}

function show(prepared: Prepared, print: (text: string) => void): void {
  const { changes, running, secret, secrets } = prepared;
  for (const change of changes) print(`${diffOf(change, secrets)}\n`);
  if (changes.length === 0) print("No file has to be changed.\n");
  const conf = prepared.changes.some(({ path }) => path === mainConf);
  const shared = sharedSettings(prepared.files, (file) => readIfPresent(join(prepared.flags.root, file)));
  if (conf && shared !== undefined)
    print(`Our global_defs count for everything in keepalived.conf (docs/init.md): ${shared}\n`);
  if (!running) return;
  for (const line of nodesInWords(running)) print(`${line}\n`);
  if (running.settings.length > 0)
    print(`Settings of the running Redis: ${running.settings.map(settingInWords).join(", ")}\n`);
  if (running.settings.some(({ name }) => name === "requirepass"))
    print(`Clients need the password from now on: ${secret.from}, in ${prepared.cluster.redis.password_file}\n`);
  print(`Data: ${dataInWords(running, prepared)}\n`);
}

const settingInWords = ({ name, value, before }: { name: string; value: string; before: string }): string =>
  /^(requirepass|masterauth)$/.test(name) ? name : `${name} ${JSON.stringify(before)} -> ${JSON.stringify(value)}`;

async function confirm({ flags, changes, running }: Prepared): Promise<void> {
  const nothing = changes.length === 0 && (running?.settings ?? []).length === 0 && !flags.adopt;
  if (flags.yes || nothing) return;
  const ask = terminalAsk();
  if (!ask) throw missing("--yes", "These changes have to be confirmed");
  const said = await ask("Make these changes? (yes or no)", "yes");
  if (!/^y(es)?$/i.test(said || "yes")) throw new CommandRefused("nothing was changed");
}

async function begin(prepared: Prepared, context: AdoptContext & { close(): Promise<void> }): Promise<void> {
  const { running, profile, flags, changes } = prepared;
  const conf = changes.some(({ path }) => path.startsWith("/etc/keepalived/"));
  const startAll = async () => {
    await startAgent(context, profile, flags.bin);
    if (conf) await reloadKeepalived(context);
    await enableKeepalived();
  };
  try {
    if (running?.adoption.kind === "follow")
      return void (await recover({ ...context, failback: false, dryRun: false, beforeElection: startAll }));
    if (running?.adoption.kind === "serve") await adopt(context, running.adoption);
    await startAll();
    await startKeepalived(context);
    if (running?.adoption.kind === "serve") await untilServed(context);
  } finally {
    await context.close();
  }
}

/** The line for the other nodes. */
function nextLine(prepared: Prepared): string {
  const { clusterText, profile, cluster, flags, running } = prepared;
  const others = othersOf(prepared, running).join(", ");
  if (running?.adoption.kind === "follow" || others === "") return "";
  const command = flags.bin === packageFolder ? "keepalived-redis init" : `${flags.bin}/init`;
  if (cluster.vip.auth_password !== undefined)
    return `\nOn ${others}: copy ${flags.path} there, since it holds the password of VRRP, and run ${command}\n`;
  const line = `${command} --join ${encode({ clusterText, profile })}`;
  // Without a replica an RDB has no history, and a server that was restarted is parked.
  const until = "Until it has copied, a restart of Redis on this node needs `init --adopt` here.";
  return `\nOn ${others}, which will ask for the password of Redis:\n\n    ${line}\n\n${running ? `${until}\n` : ""}`;
}
