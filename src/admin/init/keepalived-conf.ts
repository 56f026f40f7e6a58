import { mainConf } from "../../keepalived/folder-problem.ts";
import { render } from "../../keepalived/render.ts";
import type { RenderInput } from "../../keepalived/template.ts";
import { hashOf } from "./journal.ts";
import type { PlannedFile, Read } from "./planned-file.ts";
import { withInclude } from "./redis-conf.ts";

/** keepalived.conf, or, where it has something of others, a file that it includes. */
export function keepalivedFiles(input: RenderInput, read: Read): PlannedFile[] {
  const text = render.keepalived(input);
  const mode = input.cluster.vip.auth_password === undefined ? 0o644 : 0o600;
  const present = withOthers(input, read);
  if (present === undefined) return [{ path: mainConf, text, mode }];
  return [
    { path: includedBy(input), text, mode },
    { path: mainConf, text: including(present, input), like: mainConf },
  ];
}

/** keepalived.conf as Keepalived will read it, with our text where it includes our file. Undefined where our text is all. */
export function combinedConf(input: RenderInput, read: Read): string | undefined {
  const present = withOthers(input, read);
  if (present === undefined) return undefined;
  const line = `include ${includedBy(input)}`;
  return including(present, input)
    .split("\n")
    .map((one) => (one.trim() === line ? render.keepalived(input) : one))
    .join("\n");
}

/** The text of keepalived.conf if it stays, since it has something of others or includes our file already. */
function withOthers(input: RenderInput, read: Read): string | undefined {
  const present = read(mainConf) ?? "";
  return mayReplace(present, input.cluster.name) && read(includedBy(input)) === undefined ? undefined : present;
}

/** Our settings that count for others as well, since Keepalived has one set of them. Undefined where nobody else is in keepalived.conf. */
export function sharedSettings(input: RenderInput, read: Read): string | undefined {
  if (withOthers(input, read) === undefined) return undefined;
  const [, block = ""] = /^global_defs \{\n(.*?)^\}$/ms.exec(render.keepalived(input)) ?? [];
  const lines = withoutComments(block).split("\n");
  return lines
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .join(", ");
}

const includedBy = ({ cluster }: RenderInput): string => `/etc/keepalived/${cluster.name}.conf`;

const including = (present: string, input: RenderInput): string =>
  withInclude(present, includedBy(input), `# keepalived-redis: the cluster ${input.cluster.name}.`);

// What Keepalived installs as an example: 2.0 to 2.2.8, and since 2.3. Some distributions install it as keepalived.conf.
const samples = ["4e978642d1a8534e", "e2925aa437eae0d0"];

/** Nothing is lost with this keepalived.conf: it has only comments, `global_defs` and what we write for this cluster, or is Keepalived's example. */
export function mayReplace(text: string, cluster: string): boolean {
  const plain = withoutComments(text);
  if (samples.includes(hashOf(plain.trim().split(/\s+/).join(" ")).slice(0, 16))) return true;
  const ours = [
    "global_defs",
    ...["drain", "claim", "ok"].map((one) => `track_file ${cluster}-${one}`),
    `vrrp_script ${cluster}-monitor`,
    `vrrp_instance ${cluster}`,
  ];
  // An `include` counts in any block. A line that is none of these may be a definition that others use.
  return !/^\s*include/m.test(plain) && topLevel(plain).every((one) => ours.includes(one));
}

/** As Keepalived does: from `#` or `!` to the end of the line, except in quotes. Quoted texts are left empty, since braces in them are none. */
const withoutComments = (text: string): string =>
  text.replaceAll(/"([^"\n]*)"|[#!].*/g, (_, quoted) => (quoted === undefined ? "" : '""'));

/** The statements outside of all braces, without their blocks. */
function topLevel(plain: string): string[] {
  let rest = plain;
  for (let before = ""; before !== rest; ) {
    before = rest;
    rest = rest.replaceAll(/\s*\{[^{}]*\}/g, "\n");
  }
  return rest
    .split("\n")
    .map((line) => line.trim().split(/\s+/).join(" "))
    .filter((line) => line !== "");
}
