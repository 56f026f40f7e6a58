import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/**
 * Whether a process of this host listens on a TCP port, in our network namespace. A Redis in a container reports a process id that
 * is another process here. Throws the error of the file system: for processes of other users only root can read this.
 */
export function listensOn(pid: number, port: number): boolean {
  const process = `/proc/${pid}`;
  if (readlinkSync(`${process}/ns/net`) !== readlinkSync("/proc/self/ns/net")) return false;
  const sockets = new Set(["tcp", "tcp6"].flatMap((table) => listening(`${process}/net/${table}`, port)));
  return readdirSync(`${process}/fd`).some((fd) => sockets.has(linkOf(`${process}/fd/${fd}`)));
}

// proc_pid_net(5): local address and port, state (0A is LISTEN) and inode are the fields 2, 4 and 10.
function listening(table: string, port: number): string[] {
  const hexadecimal = port.toString(16).toUpperCase().padStart(4, "0");
  return readFileSync(table, "utf8")
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(`:${hexadecimal}`) && fields[3] === "0A")
    .map((fields) => `socket:[${fields[9]}]`);
}

// It may have been closed meanwhile.
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
