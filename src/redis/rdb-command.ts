import { accessOptions, cliNames, cliProgram } from "./cli-program.ts";
import type { Endpoint } from "./session.ts";

/**
 * The command that copies the data set of a running server into a file. The password is in the environment, never in argv. Throws if
 * no such program is installed.
 */
export function rdbCommand(
  endpoint: Endpoint,
  file: string,
): { command: string; args: string[]; env: Record<string, string> } {
  const { host, port, password } = endpoint;
  const command = cliProgram();
  if (command === undefined) throw new Error(`no dump can be taken: neither ${cliNames} is installed`);
  return {
    command,
    args: ["-h", host, "-p", String(port), "--no-auth-warning", ...accessOptions(endpoint), "--rdb", file],
    env: password === undefined ? {} : { REDISCLI_AUTH: password, VALKEYCLI_AUTH: password },
  };
}
