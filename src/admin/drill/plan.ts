import { predicted_ms } from "../../decide/drill/conclusion.ts";
import { vipOf } from "../../keepalived/virtual-ip.ts";
import type { DrillPart } from "../../model/drill.ts";
import type { DrillContext } from "./context.ts";
import type { Inspected } from "./inspect.ts";
import { probeKey } from "./probe-client.ts";
import { keyLives_s } from "./probe-writer.ts";

/** What a drill would do, for --dry-run. */
export function planLines(
  { cluster, killRedis }: DrillContext,
  { master, replica, pid, prediction, startRedis }: Inspected,
): string[] {
  const limit = (part: DrillPart) => {
    const ms = predicted_ms(part, prediction);
    return ms === null ? "" : `; clients wait for ${ms} ms at most, by the settings`;
  };
  const first = killRedis
    ? [
        `kill Redis on ${master} (SIGKILL to process ${pid})${limit("kill")}`,
        `start it: ${startRedis.join(" ")}; and make ${master} a replica of ${replica}`,
      ]
    : [`move the virtual IP and the master role from ${master} to ${replica}${limit("there")}`];
  return [
    `write the key ${probeKey(cluster)} through ${vipOf(cluster)} a thousand times a second; it expires after ${keyLives_s} s, and is removed at the end`,
    ...first,
    `move the virtual IP and the master role back to ${master}${limit("back")}`,
  ];
}
