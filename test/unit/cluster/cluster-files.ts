/** The cluster file of the README, and what the tests make of it. */
export const minimal = `name = "sessions"

[vip]
address = "192.168.1.120/24"
interface = "eth0"
router_id = 51

[redis]
password_file = "/etc/keepalived-redis/password"

[[nodes]]
name = "server11"
address = "192.168.1.112"

[[nodes]]
name = "server12"
address = "192.168.1.113"
`;

/** Lines under a [table] of the minimal file, which may be there already. */
export const under = (table: string, lines: string, file = minimal): string =>
  file.includes(`[${table}]\n`)
    ? file.replace(`[${table}]\n`, `[${table}]\n${lines}\n`)
    : `${file}\n[${table}]\n${lines}\n`;

export const replaced = (before: string, after: string, file = minimal): string => {
  if (!file.includes(before)) throw new Error(`the file has no ${before}`);
  return file.replaceAll(before, after);
};
