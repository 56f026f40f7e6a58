import { findProgram } from "../system/find-program.ts";
import type { Endpoint } from "./session.ts";

const programs = ["redis-cli", "valkey-cli"];

/**
 * The command that copies the data set of a running server into a file. The password is in the environment, never in argv. Throws if
 * no such program is installed.
 */
export function rdbCommand(
  endpoint: Endpoint,
  file: string,
): { command: string; args: string[]; env: Record<string, string> } {
  const { host, port, username, password, tls } = endpoint;
  const option = (name: string, value: string | undefined) => (value === undefined ? [] : [name, value]);
  const command = findProgram(programs);
  if (command === undefined) throw new Error(`no dump can be taken: neither ${programs.join(" nor ")} is installed`);
  return {
    command,
    args: [
      ...["-h", host, "-p", String(port), "--no-auth-warning"],
      ...option("--user", username),
      ...(tls
        ? [
            "--tls",
            ...option("--cacert", tls.ca),
            ...option("--cert", tls.cert),
            ...option("--key", tls.key),
            ...option("--sni", tls.server_name),
          ]
        : []),
      ...["--rdb", file],
    ],
    env: password === undefined ? {} : { REDISCLI_AUTH: password, VALKEYCLI_AUTH: password },
  };
}
