// The house rules of who may import whom, as docs/architecture tells them: one way through the house, and decide/ pure.

// A room imports only rooms before it in this list, or decide/.
const rooms = ["cluster", "redis", "keepalived", "decide", "act", "agent", "recover", "report"];
const logFiles = "^src/(log|log-line|log-file|log-sinks|system-log)[.]ts$";
const cliFiles = "^src/(cli|cli-mistakes|plain-cli|hook-cli|ending)[.]ts$";
const everybodys = "^src/version[.]ts$";

// The log is for rooms that do something; the ones that only look, or decide, say it in what they return.
const mayLog = (room) => rooms.indexOf(room) > rooms.indexOf("decide");
const known = [`^src/(${rooms.join("|")})/`, logFiles, cliFiles, everybodys];

const error = (name, comment, from, to) => ({ name, comment, severity: "error", from, to });

const roomRules = rooms.map((room, index) => {
  const allowed = rooms.slice(0, index + 1).concat("decide");
  return error(
    `room-${room}`,
    `${room}/ imports only ${[...new Set(allowed)].join(", ")}${mayLog(room) ? " and the log" : ""}`,
    { path: `^src/${room}/` },
    { path: "^src/", pathNot: [`^src/(${allowed.join("|")})/`, everybodys, ...(mayLog(room) ? [logFiles] : [])] },
  );
});

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    ...roomRules,
    error(
      "decide-is-pure",
      "decide/ imports nothing but itself and types: no I/O, no clock, no package",
      { path: "^src/decide/" },
      { pathNot: "^src/decide/", dependencyTypesNot: ["type-only"] },
    ),
    error(
      "log-stands-alone",
      "the log imports no room, so that every room can have it",
      { path: logFiles },
      { path: "^src/", pathNot: logFiles },
    ),
    error(
      "every-file-has-a-room",
      "a file in src/ belongs to a room, or the lists in this file name it",
      { path: "^src/", pathNot: known },
      {},
    ),
    error(
      "every-file-has-a-room-to",
      "a file in src/ belongs to a room, or the lists in this file name it",
      {},
      { path: "^src/", pathNot: known },
    ),
    error("nothing-imports-bin", "an executable is nobody's part", {}, { path: "^bin/" }),
    error(
      "nothing-imports-agent",
      "the agent only puts the other rooms together",
      { pathNot: ["^src/agent/", "^bin/agent[.]ts$"] },
      { path: "^src/agent/" },
    ),
    error(
      "templates-are-for-people",
      "only what a person runs may carry handlebars (13 ms a start); scripts/check-bundles.ts looks at the result",
      { path: ["^src/(cluster|redis|decide|act|agent)/", logFiles, cliFiles] },
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
      "files that need each other can't be read one after the other; types alone are no need",
      {},
      { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    ),
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
