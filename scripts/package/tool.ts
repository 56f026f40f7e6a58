import { execFileSync } from "node:child_process";

export class MissingTool extends Error {}

/** The Debian package of each program that is run here. */
const packageOf: Record<string, string> = { "dpkg-deb": "dpkg", rpmbuild: "rpm" };

/** Runs a program that packs, with the time of the commit for those that obey SOURCE_DATE_EPOCH, and returns what it prints. */
export function run(program: string, args: readonly string[], date?: Date): string {
  const env = { ...process.env, LC_ALL: "C", ...(date && { SOURCE_DATE_EPOCH: String(date.getTime() / 1000) }) };
  try {
    return execFileSync(program, args, {
      env,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      maxBuffer: 2 ** 26,
    });
  } catch (error) {
    const { code, stderr } = error as NodeJS.ErrnoException & { stderr?: string };
    if (code !== "ENOENT") throw new Error(`${program} failed: ${stderr ?? String(error)}`);
    throw new MissingTool(`${program} is missing: apt-get install ${packageOf[program] ?? program}`);
  }
}
