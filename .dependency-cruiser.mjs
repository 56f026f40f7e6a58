// Who may import whom, as docs/architecture.md tells it: imports go down only, decide/ is pure, and there are no cycles.

/** Each room, and the rooms that it may import besides itself. decide/ and model/ are open to all. */
const rooms = {
  model: [],
  decide: [],
  report: [],
  metrics: [],
  system: [],
  cluster: ["system"],
  redis: ["system", "cluster"],
  keepalived: ["system", "cluster"],
  state: ["system", "cluster", "redis", "keepalived"],
  failover: ["system", "cluster", "redis", "keepalived", "state"],
  monitor: ["system", "cluster", "redis", "keepalived", "state"],
  log: ["system"],
  cli: ["system", "cluster", "log"],
  hooks: ["system", "cluster", "redis", "keepalived", "state", "failover", "cli", "log"],
  agent: ["system", "cluster", "redis", "keepalived", "state", "failover", "monitor", "cli", "log", "metrics"],
  admin: ["system", "cluster", "redis", "keepalived", "state", "failover", "cli", "log", "metrics"],
};
const open = { model: [], decide: ["model"] };

const error = (name, comment, from, to) => ({ name, comment, severity: "error", from, to });
const inRooms = (names) => `^src/(${names.join("|")})/`;

const roomRules = Object.entries(rooms).map(([room, below]) => {
  const allowed = [room, ...(open[room] ?? ["model", "decide", ...below])];
  return error(
    `room-${room}`,
    `${room}/ imports only ${allowed.join(", ")}`,
    { path: inRooms([room]) },
    { path: "^src/", pathNot: inRooms(allowed) },
  );
});

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    ...roomRules,
    error(
      "decide-is-pure",
      "decide/, report/ and model/ import nothing from outside: no I/O, no clock, no package",
      { path: inRooms(["decide", "report", "model"]) },
      { pathNot: inRooms(["decide", "report", "model"]) },
    ),
    error(
      "model-is-types",
      "model/ imports nothing but its own types",
      { path: "^src/model/" },
      { pathNot: "^src/model/" },
    ),
    error(
      "every-file-has-a-room",
      "a file in src/ belongs to a room, which this file names",
      { path: "^src/", pathNot: inRooms(Object.keys(rooms)) },
      {},
    ),
    error(
      "every-file-has-a-room-to",
      "a file in src/ belongs to a room, which this file names",
      {},
      { path: "^src/", pathNot: inRooms(Object.keys(rooms)) },
    ),
    error("nothing-imports-bin", "an executable is nobody's part", {}, { path: "^bin/" }),
    error(
      "templates-are-for-people",
      "only what a person runs may carry handlebars (13 ms a start); scripts/check-bundles.ts looks at the result",
      { path: "^src/", pathNot: "^src/keepalived/template[.]ts$" },
      { path: "node_modules/handlebars/" },
    ),
    error(
      "no-tools-in-the-product",
      "test/ and scripts/ stay at home",
      { path: "^(src|bin)/" },
      { path: "^(test|scripts)/" },
    ),
    error(
      "no-cycles",
      "files that need each other can't be read one after the other, types included",
      {},
      { circular: true },
    ),
    {
      ...error("no-cycles-of-folders", "rooms that need each other are one room", {}, { circular: true }),
      scope: "folder",
    },
    error("resolvable", "an import that leads nowhere is checked by no rule", {}, { couldNotResolve: true }),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    // Type imports are edges, too: a room's types are part of it.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default", "types"] },
  },
};
