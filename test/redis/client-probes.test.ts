import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { libraries } from "../bench/clients/libraries.ts";
import { Probe } from "../bench/clients/probe.ts";
import type { Program } from "../bench/clients/programs.ts";
import { plainEnvironment } from "../lab/machine/process.ts";
import { eventually } from "./eventually.ts";
import { startServers } from "./servers.ts";

/** The programs by which the bench measures client libraries: without them a figure would be that of a broken program. */

const patience_ms = 30_000;

describe("the probe of each client library that is here", () => {
  for (const library of libraries) {
    it(`${library.name}: writes with each of its settings, and goes on after CLIENT KILL`, async (test) => {
      const folder = mkdtempSync(join(tmpdir(), "probe-"));
      const program = await library.prepare(folder).catch(() => undefined);
      if (!program) {
        rmSync(folder, { recursive: true });
        assert.notEqual(library.install, "npm ci", "a library of package.json must be here");
        return test.skip(`not here: ${library.install}`);
      }
      const { servers, stop } = await startServers(1, {});
      const probes: Probe[] = [];
      try {
        const [server] = servers;
        assert.ok(server);
        place(program);
        const { host, port, password = "" } = server.endpoint;
        for (const [nth, setting] of library.settings.entries()) {
          const [command = "", ...args] = program.argv;
          // The Node of this test need not be in the PATH of the probes.
          const child = spawn(command === "node" ? process.execPath : command, args, {
            detached: true,
            env: plainEnvironment,
          });
          probes.push(new Probe(child, { host, port, password, keyPrefix: `c${nth}`, setting }));
        }
        await eventually(async () => probes.every((probe) => wrote(probe, 10)), patience_ms);
        await server.ask("CLIENT", "KILL", "TYPE", "normal");
        const before = probes.map(({ acknowledged }) => acknowledged);
        await eventually(async () => probes.every((probe, nth) => wrote(probe, (before[nth] ?? 0) + 10)), patience_ms);
        for (const { version } of probes) assert.match(version, /^\d+\.\d+/);
        const report = probes[0]?.report();
        assert.ok(report && report.longestGap.ms > 0);
        assert.equal(await server.ask("GET", `c0:${report.acknowledgements.key(0)}`), "0");
      } finally {
        for (const probe of probes) probe.end();
        await stop();
        rmSync(folder, { recursive: true });
      }
    });
  }
});

function wrote(probe: Probe, count: number): boolean {
  probe.assertRuns();
  return probe.acknowledged >= count;
}

function place({ file, module }: Program): void {
  mkdirSync(dirname(file.path), { recursive: true });
  writeFileSync(file.path, file.contents, { mode: 0o755 });
  if (module) cpSync(module.from, module.path, { recursive: true });
}
