import type { Check, Found } from "./check.ts";
import { known } from "./check.ts";

/** Other programs of this host: what takes the virtual IP away, restarts Keepalived or keeps it from its work. */
export const programChecks: readonly Check[] = [
  {
    name: "networkd",
    looksAt: "systemd-networkd keeps the virtual IP when it is restarted (`KeepConfiguration`)",
    page: "docs/doctor.md",
    find: ({ here, host: { networkd } }) =>
      networkd.file === undefined || networkd.keeps
        ? []
        : [
            {
              severity: "danger",
              on: here,
              what: `systemd-networkd manages ${networkd.interface} by ${networkd.file}`,
              why: "When it is restarted, by an upgrade for example, it removes addresses that it did not set: the virtual IP.",
              change: {
                where: `/etc/systemd/network/${networkd.file.split("/").at(-1)}.d/keepalived-redis.conf, section [Network]`,
                line: "KeepConfiguration=static",
              },
            },
          ],
  },
  {
    name: "restarts",
    looksAt: "needrestart and unattended-upgrades leave Keepalived alone",
    page: "docs/doctor.md",
    find: ({ here, host: { restarts } }) => {
      const why = "Keepalived is restarted at a time that nobody chose, and the role moves.";
      const advice = (what: string, where: string, line: string): Found => ({
        ...{ severity: "advice", on: here, what, why },
        change: { where, line },
      });
      return [
        ...(restarts.needrestart
          ? [
              advice(
                "needrestart restarts Keepalived after an upgrade of a library",
                "/etc/needrestart/conf.d/keepalived-redis.conf",
                "$nrconf{override_rc}{qr(^keepalived)} = 0;",
              ),
            ]
          : []),
        ...(restarts.unattended
          ? [
              advice(
                "unattended-upgrades upgrades Keepalived",
                "/etc/apt/apt.conf.d/51keepalived-redis",
                'Unattended-Upgrade::Package-Blacklist { "^keepalived$"; };',
              ),
            ]
          : []),
      ];
    },
  },
  {
    name: "networkmanager",
    looksAt: "NetworkManager does not manage the interface of the virtual IP",
    page: "docs/doctor.md",
    find: ({ here, network, host }) =>
      known(host.networkManager, here, ({ manages }): Found[] =>
        !manages
          ? []
          : [
              {
                severity: "advice",
                on: here,
                what: `NetworkManager manages ${network.interface}`,
                why: "When its connection is taken down or brought up again, it removes the virtual IP (keepalived#2564).",
                change: { where: `shell on ${here}, before each \`nmcli connection up\``, line: "switchover --away" },
              },
            ],
      ),
  },
  {
    name: "selinux",
    looksAt: "SELinux denies Keepalived and our executables nothing",
    page: "docs/doctor.md",
    find: ({ here, host }) =>
      known(host.selinux, here, ({ denials, last }): Found[] =>
        denials === 0
          ? []
          : [
              {
                severity: "danger",
                on: here,
                what: `SELinux has denied Keepalived ${denials} times, last: ${last}`,
                why: "A check or a hook that may not run, or may not reach Redis, does nothing at a failover.",
                change: {
                  where: `shell on ${here}`,
                  line: "ausearch -m avc -se keepalived_t | audit2allow -M keepalived-redis && semodule -i keepalived-redis.pp",
                },
              },
            ],
      ),
  },
];
