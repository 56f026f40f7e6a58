import spawn, { type SubprocessError } from "nano-spawn";

const deadline_ms = 2000;

/** The version of this host's Keepalived. Rejects where there is none, or it does not tell. */
export async function keepalivedVersion(): Promise<string> {
  const { output } = await spawn("keepalived", ["--version"], { timeout: deadline_ms, stdin: "ignore" }).catch(
    (error: SubprocessError) => {
      const missing = (error.cause as NodeJS.ErrnoException | undefined)?.code === "ENOENT";
      throw missing ? new Error("there is no such program here") : error;
    },
  );
  const [, version] = /Keepalived v(\d[\d.]*)/.exec(output) ?? [];
  if (version === undefined) throw new Error("it does not tell");
  return version;
}
