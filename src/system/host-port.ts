/** `host:port`, an IPv6 address in brackets. */
export const hostPort = (host: string, port: number | string): string =>
  host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;

/** The host, without brackets, and the port of `host:port`. */
export function splitHostPort(text: string): { host: string; port: number } {
  const [, host = "", port = ""] = /^\[?(.*?)\]?:(\d+)$/.exec(text) ?? [];
  return { host, port: Number(port) };
}
