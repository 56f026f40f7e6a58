import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

export interface Check {
  name: string;
  /** Run in the folder of the project; exit code 0 means that all is well. */
  command: readonly [string, ...string[]];
  /** What it prints once it has looked at something: a tool that finds no files says that they are all good. */
  proof?: RegExp;
}

export const checks = {
  types: { name: "types", command: ["tsc", "-p", "."] },
  style: { name: "lint and format", command: ["biome", "check", "--colors=off", "."], proof: /Checked [1-9]\d* files/ },
  unused: { name: "dead code", command: ["knip", "--no-progress", "--no-config-hints"] },
  rooms: {
    name: "who imports whom",
    command: ["depcruise", "bin", "src", "--config", ".dependency-cruiser.mjs", "--output-type", "err"],
    // With a TypeScript it can't use, dependency-cruiser 17 cruises nothing and reports success (measured with 7.0).
    proof: /[1-9]\d* modules, [1-9]\d* dependencies cruised/,
  },
  glossary: {
    name: "one word for one thing",
    command: ["tsx", "scripts/check-glossary.ts"],
    proof: /Looked for [1-9]\d* words in [1-9]\d* files/,
  },
  bundles: { name: "what is in each executable", command: ["tsx", "scripts/check-bundles.ts"] },
} as const satisfies Record<string, Check>;

export interface Finding {
  passed: boolean;
  /** What the tool printed. */
  output: string;
  seconds: number;
}

const deadline_ms = 120_000;

/** Runs one check on the project in a folder. Rejects when its tool can't be run at all. */
export async function runCheck({ command: [tool, ...args], proof }: Check, folder = root): Promise<Finding> {
  const bin = join(folder, "node_modules", ".bin");
  if (!existsSync(join(bin, tool))) throw new Error(`${tool} isn't installed: run scripts/setup`);
  const { NODE_EXTRA_CA_CERTS: _, ...environment } = process.env;
  const env = { ...environment, PATH: `${bin}${delimiter}${environment.PATH}`, NO_COLOR: "1" };
  const started = performance.now();
  const child = spawn(tool, args, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"], timeout: deadline_ms });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  const code = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
  const idle = code === 0 && proof !== undefined && !proof.test(output);
  return {
    passed: code === 0 && !idle,
    output: idle ? `${tool} looked at nothing:\n${output}` : output,
    seconds: (performance.now() - started) / 1000,
  };
}
