import { resolve } from "node:path";
import { defaultCluster } from "../../cluster/paths.ts";
import { mainConf } from "../../keepalived/folder-problem.ts";
import { render } from "../../keepalived/render.ts";
import type { Profile } from "../../keepalived/template.ts";
import type { KeepalivedConf } from "../../model/doctor.ts";
import type { RedisContext } from "../../redis/sessions.ts";
import { readIfPresent } from "../../system/read-file.ts";

interface ReadConf extends KeepalivedConf {
  /** The folder of the executables. */
  bin: string | undefined;
}

/** The file of Keepalived that was generated for this cluster, and where it differs from what is generated now for the same profile. */
export function readKeepalivedConf({
  cluster,
  node,
  file: path,
}: Pick<RedisContext, "cluster" | "node" | "file">): ReadConf {
  const files = [`/etc/keepalived/${cluster.name}.conf`, mainConf];
  const made = files.flatMap((file) => {
    const text = readIfPresent(file) ?? "";
    const [, profile] = new RegExp(`^# ${cluster.name}: .*, profile (hooks|agent)\\.$`, "m").exec(text) ?? [];
    return profile === undefined ? [] : [{ file, text, profile: profile as Profile }];
  })[0];
  const clusterFile = resolve(path) === defaultCluster ? undefined : resolve(path);
  const options = clusterFile === undefined ? "" : ` --cluster ${clusterFile}`;
  const command = (file: string, profile: Profile) =>
    `generate-config${options} --profile ${profile} --output ${file} && systemctl reload keepalived`;
  if (made === undefined) {
    const wanted = command(mainConf, "hooks");
    return { file: undefined, profile: undefined, difference: undefined, bin: undefined, command: wanted };
  }
  const { file, text, profile } = made;
  const bin = /^\s*script "\S*\/sh (\S+)\/check-health /m.exec(text)?.[1];
  const wanted = render.keepalived({ cluster, node, profile, bin: bin ?? "", clusterFile });
  return { file, profile, bin, difference: firstDifference(text, wanted), command: command(file, profile) };
}

export function firstDifference(text: string, wanted: string): KeepalivedConf["difference"] {
  const [lines, others] = [text.split("\n"), wanted.split("\n")];
  const index = others.findIndex((line, at) => line !== lines[at]);
  const line = index < 0 ? (lines.length > others.length ? others.length : -1) : index;
  if (line < 0) return undefined;
  return { line: line + 1, is: shown(lines[line]), wanted: shown(others[line]) };
}

/** A line as it may be printed. */
const shown = (line = ""): string => line.trim().replace(/(auth_pass).*/, "$1 ***");
