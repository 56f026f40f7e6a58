import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { defaultCluster, defaultFolders, defaultPasswordFile, packageFolder } from "../../src/cluster/paths.ts";
import { build } from "../build.ts";
import { root } from "../checks.ts";
import { docs, fillFile, put, putCompressed, putTemplate, textOf } from "./files.ts";
import { type Command, commandsOf } from "./help.ts";
import { completion, manPage, overview } from "./pages.ts";
import type { Release } from "./release.ts";

/** Writes all that is the same on every architecture, below a folder that stands for `/`. Beside it: THIRD-PARTY-LICENSES. */
export async function stage(tree: string, release: Release): Promise<void> {
  const folder = join(tree, packageFolder);
  const executables = await build(folder);
  // addNode() makes it a part of the copyright file.
  renameSync(join(folder, "THIRD-PARTY-LICENSES"), join(dirname(tree), "THIRD-PARTY-LICENSES"));
  const commands = await commandsOf(executables);
  for (const { name } of executables) startWithOwnNode(tree, name);
  putCommand(tree, commands, release);
  putPages(tree, commands, release);
  put(tree, "/usr/lib/systemd/system/keepalived-redis-agent.service", agentUnit());
  put(tree, "/usr/lib/sysusers.d/keepalived-redis.conf", textOf("keepalived-templates/sysusers.conf.hbs"));
  put(tree, "/usr/lib/tmpfiles.d/keepalived-redis.conf", textOf("packaging/tmpfiles.conf"));
  put(tree, "/etc/logrotate.d/keepalived-redis", textOf("packaging/logrotate.conf"));
  mkdirSync(join(tree, "/etc/keepalived-redis"), { mode: 0o755 });
}

/** That of generate-config --agent-service, for the default cluster file and folders. */
const agentUnit = (): string =>
  fillFile("keepalived-templates/agent.service.hbs", {
    packaged: true,
    cluster: "",
    file: defaultCluster,
    tmpfiles: defaultFolders.map((folder) => `--prefix=${folder}`).join(" "),
    bin: packageFolder,
    options: "",
    password_file: defaultPasswordFile,
    folders: defaultFolders.join(" "),
  });

/** dist/ keeps `env node`: it is copied to hosts that have a Node. */
function startWithOwnNode(tree: string, name: string): void {
  const path = `${packageFolder}/${name}`;
  const text = readFileSync(join(tree, path), "utf8");
  const first = "#!/usr/bin/env node\n";
  if (!text.startsWith(first)) throw new Error(`${name} does not start with ${first}`);
  put(tree, path, `#!${packageFolder}/node\n${text.slice(first.length)}`, 0o755);
}

function putCommand(tree: string, commands: readonly Command[], { version }: Release): void {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const listed = commands.map(({ name, brief }) => ({ padded: name.padEnd(width), brief }));
  const values = { folder: packageFolder, version, summary: title(), commands: listed, names: names(commands, " | ") };
  putTemplate(tree, "/usr/sbin/keepalived-redis", "keepalived-redis.sh", values, 0o755);
  put(tree, "/usr/share/bash-completion/completions/keepalived-redis", completion(commands));
}

function putPages(tree: string, commands: readonly Command[], release: Release): void {
  const pages = readdirSync(join(root, "docs")).filter((file) => file.endsWith(".md"));
  for (const page of pages) put(tree, `${docs}/docs/${page}`, textOf(`docs/${page}`));
  for (const page of ["README.md", "CHANGELOG.md"]) put(tree, `${docs}/${page}`, textOf(page));
  for (const file of readdirSync(join(root, "monitoring")))
    put(tree, `${docs}/monitoring/${file}`, textOf(`monitoring/${file}`));
  put(tree, `${docs}/examples/cluster.sample.toml`, textOf("docs/cluster.sample.toml"));
  const man = (name: string, text: string) => putCompressed(tree, `/usr/share/man/man8/${name}.8`, text);
  man("keepalived-redis", overview(title(), commands, release));
  for (const command of commands) {
    const page = `${docs}/docs/${command.name}.md`;
    man(`keepalived-redis-${command.name}`, manPage(command, existsSync(join(tree, page)) ? page : "", release));
  }
}

const names = (commands: readonly Command[], between: string): string => commands.map(({ name }) => name).join(between);

/** The first line of the description, which is that of the packages, too. */
const title = (): string => textOf("packaging/description.txt").split("\n")[0] ?? "";
