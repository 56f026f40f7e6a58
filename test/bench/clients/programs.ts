import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { must } from "../../lab/machine/process.ts";

/** The probe as it is put on the client's host. */
export interface Program {
  argv: readonly string[];
  file: { path: string; contents: Uint8Array };
  /** A folder of the machine that it needs there. */
  module?: { path: string; from: string };
}

const probes = fileURLToPath(new URL("probes/", import.meta.url));
const deadline_ms = 30_000;

/** NODE_PATH is searched, too, as Node itself would. */
export const forNode =
  (source: string, alias: Record<string, string> = {}) =>
  async (folder: string): Promise<Program> => {
    const { outputFiles } = await build({
      entryPoints: [join(probes, source)],
      bundle: true,
      platform: "node",
      format: "cjs",
      target: "node20",
      alias,
      nodePaths: process.env.NODE_PATH?.split(delimiter) ?? [],
      logLevel: "silent",
      write: false,
    });
    const path = join(folder, "probe.cjs");
    return { argv: ["node", path], file: { path, contents: outputFiles[0]?.contents ?? new Uint8Array() } };
  };

/** `check` fails where the interpreter or the library is missing. */
export const interpreted =
  (source: string, run: readonly string[], check: readonly string[]) =>
  async (folder: string): Promise<Program> => {
    await must([...run, ...check], { deadline_ms });
    const path = join(folder, source);
    return { argv: [...run, path], file: { path, contents: readFileSync(join(probes, source)) } };
  };

/** The redis-py of PYTHONPATH, which the host doesn't see: it is copied there. */
export async function fromPythonPath(folder: string): Promise<Program> {
  const from = process.env.PYTHONPATH?.split(delimiter).find((path) => existsSync(join(path, "redis")));
  if (from === undefined) throw new Error("no redis in PYTHONPATH");
  const place = join(folder, "python");
  const program = await interpreted("redis-py.py", ["env", `PYTHONPATH=${place}`, "python3"], ["--version"])(folder);
  return { ...program, module: { path: join(place, "redis"), from: join(from, "redis") } };
}

/** hiredis, with the compiler and the header files of this machine. */
export async function compiledByGcc(folder: string): Promise<Program> {
  const made = mkdtempSync(join(tmpdir(), "probe-"));
  try {
    const binary = join(made, "hiredis");
    await must(["gcc", "-O1", "-o", binary, join(probes, "hiredis.c"), "-lhiredis"], { deadline_ms });
    const path = join(folder, "hiredis");
    return { argv: [path], file: { path, contents: readFileSync(binary) } };
  } finally {
    rmSync(made, { recursive: true });
  }
}
