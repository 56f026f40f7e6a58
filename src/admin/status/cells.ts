import type { Datum, NodeStatus, Via } from "../../model/status.ts";
import { inUnits } from "../reporter.ts";

/** What a cell of the table says, in words. `!`: not as it should be. `?`: not seen. The mark stands before the words. */
export interface Cell {
  mark: "" | "!" | "?";
  text: string;
}

export interface TableRow {
  label: string;
  cells: (node: NodeStatus) => Cell;
}

export const plain = (text: string): Cell => ({ mark: "", text });
const wrong = (text: string): Cell => ({ mark: "!", text });

/** The usual origin of a row stands at the head of its section; any other one stands beside the value. */
const usual: Readonly<Record<Via, string>> = {
  host: "",
  agent: "",
  check: "",
  redis: "seen over Redis",
  vip: "answers there",
  master: "by its master",
};

function cell<T>(datum: Datum<T>, words: (value: T) => Cell, own: readonly Via[]): Cell {
  if ("unknown" in datum) return { mark: "?", text: "not known" };
  const { mark, text } = words(datum.value);
  const notes = [
    datum.stale === undefined ? "" : `stale: ${datum.stale}`,
    own.includes(datum.via) ? "" : usual[datum.via],
  ];
  const noted = notes.filter(Boolean).join(", ");
  return { mark: datum.stale === undefined ? mark : "!", text: noted === "" ? text : `${text} (${noted})` };
}

const ofHost = <T>(datum: Datum<T>, words: (value: T) => Cell) => cell(datum, words, ["host", "agent", "check"]);
const ofRedis = <T>(datum: Datum<T>, words: (value: T) => Cell) => cell(datum, words, ["redis"]);

/** What does not apply to this node, such as the link of a master. */
const notApplicable = plain("-");
const isMaster = ({ redis }: NodeStatus): boolean => redis.value?.state === "master";
const isReplica = ({ redis }: NodeStatus): boolean => redis.value?.state === "replica";

export const redisRows: readonly TableRow[] = [
  {
    label: "role",
    cells: ({ redis, wanted }) =>
      redis.value === null
        ? { mark: "?", text: `not seen: ${redis.unknown}` }
        : ofRedis(redis, ({ state, why, loading_s }) => {
            if (state === "rejected") return wrong(`alive, rejects us (${why})`);
            if (state === "refused") return wrong("down: nobody listens");
            if (loading_s !== null) return wrong(`${state}, loading, ${loading_s} s to go`);
            return wanted.value === null || wanted.value.role === state ? plain(state) : wrong(state);
          }),
  },
  {
    label: "wanted",
    cells: ({ wanted }) =>
      wanted.value === null
        ? { mark: "?", text: wanted.unknown }
        : plain(wanted.value.of === null ? wanted.value.role : `${wanted.value.role} of ${wanted.value.of}`),
  },
  {
    label: "link",
    cells: (node) => {
      const { redis, link } = node;
      if (isMaster(node) && redis.value !== null) {
        const { replicas, replicas_in_sync: inSync } = redis.value;
        if (replicas === 0) return wrong("no replica");
        return (inSync < replicas ? wrong : plain)(`${inSync} of ${replicas} replicas keep up`);
      }
      return ofRedis(link, ({ state, of, down_s, percent }) => {
        if (state === "up") return plain(`up, copies from ${of}`);
        if (state === "parked") return wrong("parked: follows nobody");
        if (state === "copying") return wrong(`full copy from ${of}${percent === null ? "" : `, ${percent} %`}`);
        return wrong(`down${down_s === null ? "" : ` for ${duration(down_s)}`}, source ${of}`);
      });
    },
  },
  {
    label: "lag",
    cells: (node) =>
      isMaster(node)
        ? notApplicable
        : ofRedis(node.lag, ({ bytes, seconds }) =>
            plain(`${inUnits(bytes)}${seconds === null ? "" : `, acknowledged ${seconds} s ago`}`),
          ),
  },
  {
    label: "writes",
    cells: (node) => {
      if (isReplica(node)) return notApplicable;
      const { fence } = node;
      if (isMaster(node) && fence.value === null) return { mark: "?", text: `not seen: ${fence.unknown}` };
      return ofRedis(fence, ({ writes, why }) => (writes === "accepted" ? plain(writes) : wrong(`${writes}: ${why}`)));
    },
  },
  {
    label: "data",
    cells: ({ redis }) =>
      redis.value === null || redis.value.keys === null
        ? { mark: "?", text: "not known" }
        : plain(`${redis.value.keys} keys, offset ${redis.value.offset}`),
  },
];

export const hostRows: readonly TableRow[] = [
  { label: "virtual IP", cells: ({ holder }) => ofHost(holder, (here) => plain(here ? "here" : "no")) },
  {
    label: "Keepalived",
    cells: ({ keepalived, keepalived_hangs }) =>
      ofHost(keepalived, (runs) =>
        runs ? (keepalived_hangs.value ? wrong("hangs: stopped by a signal") : plain("runs")) : wrong("does not run"),
      ),
  },
  {
    label: "VRRP",
    cells: ({ vrrp }) =>
      ofHost(vrrp, ({ state, for_s }) => {
        const text = state === null ? "no transition since the boot" : `${state}, ${duration(for_s ?? 0)}`;
        return state === "MASTER" || state === "BACKUP" ? plain(text) : wrong(text);
      }),
  },
  {
    label: "priority",
    cells: ({ priority }) =>
      ofHost(priority, ({ configured, claim }) =>
        plain(claim === 0 ? String(configured) : `${configured + claim} (${configured}, claim ${claim})`),
      ),
  },
  {
    label: "agent",
    cells: ({ agent }) =>
      ofHost(agent, (is) => {
        if (is === "alive" || is === "none") return plain(is);
        if (is === "refused") return wrong("its port refuses connections");
        const silent = agent.value !== null && agent.age_s > 0 ? ` ${duration(agent.age_s)} ago` : "";
        return wrong(is === "hung" ? is : `${is}${silent}`);
      }),
  },
  {
    label: "verdict",
    cells: ({ verdict }) =>
      ofHost(verdict, ({ fit, cause, detail, for_s }) =>
        fit
          ? plain(for_s > 0 ? `fit: ${cause}, ${duration(for_s)}` : `fit: ${cause}`)
          : wrong(`unfit: ${cause}, ${duration(for_s)}${detail ? `: ${detail}` : ""}`),
      ),
  },
  {
    label: "maintenance",
    cells: ({ maintenance }) =>
      ofHost(maintenance, ({ on, until }) => (on ? wrong(`on${until ? `, until ${until}` : ""}`) : plain("off"))),
  },
  {
    label: "drain",
    cells: ({ drain }) => ofHost(drain, (on) => (on ? wrong("asked to give the VIP away") : plain("no"))),
  },
  {
    label: "transition",
    cells: ({ last_transition }) =>
      ofHost(last_transition, ({ transition, ago_s, result, duration_ms, why }) => {
        const text = `${transition} ${result} ${duration(ago_s)} ago in ${Math.round(duration_ms)} ms: ${why}`;
        return result === "refused" || result === "failed" ? wrong(text) : plain(text);
      }),
  },
  {
    label: "quarantine",
    cells: ({ quarantine }) =>
      ofHost(quarantine, ({ files, not_applied }) =>
        not_applied > 0
          ? wrong(`${files} kept, ${not_applied} not applied`)
          : plain(files === 0 ? "empty" : `${files} kept`),
      ),
  },
];

function duration(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`;
}
