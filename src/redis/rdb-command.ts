import type { Endpoint } from "./session.ts";

/** The command that copies a live data set into a file. The password goes by the environment, never by argv. */
export function rdbCommand(
  endpoint: Endpoint,
  file: string,
): { command: string; args: string[]; env: Record<string, string> } {
  const { host, port, username, password, tls } = endpoint;
  const option = (name: string, value: string | undefined) => (value === undefined ? [] : [name, value]);
  return {
    command: "redis-cli",
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
    env: password === undefined ? {} : { REDISCLI_AUTH: password },
  };
}
