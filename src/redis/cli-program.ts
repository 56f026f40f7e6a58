import { findProgram } from "../system/find-program.ts";
import type { Endpoint } from "./session.ts";

const programs = ["redis-cli", "valkey-cli"];

/** The path of redis-cli, or of Valkey's where only that is installed. */
export const cliProgram = (): string | undefined => findProgram(programs);

/** Their names, for a message. */
export const cliNames: string = programs.join(" nor ");

/** The options with which it logs in as we do, but for the password, which the environment has. */
export function accessOptions({ username, tls }: Pick<Endpoint, "username" | "tls">): string[] {
  const option = (name: string, value: string | undefined) => (value === undefined ? [] : [name, value]);
  return [
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
  ];
}
