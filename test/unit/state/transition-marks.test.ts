import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import fc from "fast-check";
import {
  isRunning,
  latestTransition,
  leaveMark,
  leaveNewest,
  newestMark,
  removeOlderMarks,
  sameBefore,
  supersededBy,
  type TransitionMark,
} from "../../../src/state/transition-marks.ts";
import { startTicks } from "../../../src/system/process-start.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "keepalived-redis-intent-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const leave = (ticks: number, pid: number, transition: string) =>
  writeFileSync(join(folder, `${ticks}-${pid}-${transition}`), "");
const intent = (ticks: number, pid: number, transition: TransitionMark["transition"]): TransitionMark => ({
  ticks,
  pid,
  transition,
});

describe("which transition is the newest", () => {
  it("none before any hook has run, nor where there is no folder", () => {
    assert.equal(newestMark(folder), undefined);
    assert.equal(newestMark(join(folder, "missing")), undefined);
    assert.equal(supersededBy(join(folder, "missing"), intent(1, 1, "MASTER")), undefined);
  });

  it("the process that was started last, whenever it came to leave its mark", () => {
    leave(300, 5, "MASTER");
    leave(200, 9, "BACKUP");
    assert.deepEqual(newestMark(folder), intent(300, 5, "MASTER"));
    assert.equal(supersededBy(folder, intent(300, 5, "MASTER")), undefined);
    assert.deepEqual(supersededBy(folder, intent(200, 9, "BACKUP")), intent(300, 5, "MASTER"));
  });

  it("within one tick, the one with the higher pid", () => {
    leave(300, 7, "BACKUP");
    leave(300, 8, "MASTER");
    assert.deepEqual(newestMark(folder), intent(300, 8, "MASTER"));
  });

  it("numbers are compared as numbers", () => {
    leave(999, 1, "FAULT");
    leave(1000, 1, "MASTER");
    assert.equal(newestMark(folder)?.transition, "MASTER");
  });

  it("what seems to come from the future is from before a reboot", () => {
    const now = startTicks(process.pid) ?? 0;
    leave(now + 100 * 3600 * 24 * 365, 3, "MASTER");
    leave(now, 1, "BACKUP");
    assert.equal(newestMark(folder)?.transition, "BACKUP");
    assert.equal(supersededBy(folder, intent(now, 1, "BACKUP")), undefined);
  });

  it("files that are none of ours are no marks, and stay", () => {
    const strangers = ["README", "1-2-MASTER.swp", "1-MASTER", "1-2-master", "x-2-MASTER", "1-2-MASTER-3"];
    for (const name of strangers) writeFileSync(join(folder, name), "");
    assert.equal(newestMark(folder), undefined);
    removeOlderMarks(folder, intent(1e12, 1, "STOP"));
    assert.deepEqual(readdirSync(folder).sort(), strangers.sort());
  });

  it("our own mark: the folder is made, and it is the newest", () => {
    const deep = join(folder, "a", "intents");
    const ours = leaveMark(deep, "FAULT");
    assert.deepEqual(newestMark(deep), ours);
    assert.equal(ours.pid, process.pid);
    assert.ok(isRunning(ours));
    assert.equal(readFileSync(join(deep, readdirSync(deep)[0] ?? ""), "utf8"), "");
  });

  it("where the folder can't be made, that is said", () => {
    writeFileSync(join(folder, "file"), "");
    assert.throws(() => leaveMark(join(folder, "file", "intents"), "MASTER"), { code: "ENOTDIR" });
  });

  it("a process that ended, or another one with its pid, is not at work", async () => {
    const child = spawn("sleep", ["60"]);
    await once(child, "spawn");
    const pid = child.pid ?? 0;
    const ticks = startTicks(pid) ?? 0;
    assert.ok(isRunning(intent(ticks, pid, "MASTER")));
    assert.ok(!isRunning(intent(ticks - 1, pid, "MASTER")));
    child.kill("SIGKILL");
    await once(child, "exit");
    assert.ok(!isRunning(intent(ticks, pid, "MASTER")));
  });

  it("a program with brackets and blanks in its name has a start, too", async () => {
    const child = spawn("sh", ["-c", 'cp "$(command -v sleep)" "$0/a) 1 (b" && exec "$0/a) 1 (b" 60', folder]);
    const before = startTicks(process.pid) ?? 0;
    const named = () => readFileSync(`/proc/${child.pid}/comm`, "utf8").trim() === "a) 1 (b";
    for (let tries = 0; !named() && tries < 500; tries++) await new Promise((wake) => setTimeout(wake, 10));
    assert.ok(named());
    const ticks = startTicks(child.pid ?? 0) ?? 0;
    child.kill("SIGKILL");
    assert.ok(ticks >= before && ticks < before + 100 * 3600);
  });

  it("in whatever order marks appear and older ones are forgotten, whoever goes on wants what the newest wants", () => {
    const wish = fc.constantFrom<TransitionMark["transition"][]>("MASTER", "BACKUP", "FAULT", "STOP");
    const mark = fc.tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 9 }), wish);
    const marks = fc.uniqueArray(mark, { minLength: 1, maxLength: 8, selector: ([ticks, pid]) => `${ticks}-${pid}` });
    fc.assert(
      fc.property(marks, (times) => {
        const own = mkdtempSync(join(folder, "run-"));
        mkdirSync(own, { recursive: true });
        const ours = times.map(([ticks, pid, transition]) => intent(ticks, pid, transition));
        for (const one of ours) {
          writeFileSync(join(own, `${one.ticks}-${one.pid}-${one.transition}`), "");
          removeOlderMarks(own, one);
        }
        const [newest] = ours.toSorted((a, b) => b.ticks - a.ticks || b.pid - a.pid);
        assert.deepEqual(newestMark(own), newest);
        const goOn = ours.filter((one) => supersededBy(own, one) === undefined);
        assert.ok(newest && goOn.includes(newest));
        assert.ok(goOn.every(({ transition }) => transition === newest.transition));
      }),
      { numRuns: 60 },
    );
  });
});

describe("hooks of the same transition that were started before", () => {
  const [ticks, pid] = [startTicks(process.pid) ?? 0, process.pid];
  const ours = intent(ticks + 50, 1, "MASTER");

  it("count while they run, and with no other transition in between", () => {
    assert.equal(sameBefore(folder, ours), 0);
    leave(ticks, pid, "MASTER");
    assert.equal(sameBefore(folder, ours), 1);
    leave(ticks + 1, pid, "MASTER");
    assert.equal(sameBefore(folder, ours), 1, "no such process");
    leave(ticks + 60, pid, "MASTER");
    assert.equal(sameBefore(folder, ours), 1, "a newer one");
    leave(ticks + 2, 2, "BACKUP");
    assert.equal(sameBefore(folder, ours), 0);
  });

  it("the newest mark stays, also that of one that left its work to others: a late one of another transition finds it", () => {
    leave(ticks, pid, "MASTER");
    leave(ticks + 10, 1, "MASTER");
    leave(ticks + 30, 1, "MASTER");
    leaveNewest(folder, intent(ticks + 30, 1, "MASTER"));
    assert.deepEqual(readdirSync(folder).length, 2);
    assert.deepEqual(latestTransition(folder), { transition: "MASTER", atWork: true });
    leave(ticks + 20, 1, "BACKUP");
    assert.deepEqual(supersededBy(folder, intent(ticks + 20, 1, "BACKUP")), intent(ticks + 30, 1, "MASTER"));
    assert.equal(supersededBy(folder, intent(ticks, pid, "MASTER")), undefined, "it does what was reported last");
  });

  it("one that has done its work leaves the mark of a newer one of its transition, and none of another", () => {
    leave(ticks - 10, 1, "BACKUP");
    leave(ticks, pid, "MASTER");
    leave(ticks + 10, 1, "MASTER");
    leaveNewest(folder, intent(ticks, pid, "MASTER"));
    assert.deepEqual(readdirSync(folder).sort(), [`${ticks + 10}-1-MASTER`, `${ticks - 10}-1-BACKUP`].sort());
    assert.deepEqual(latestTransition(folder), { transition: "MASTER", atWork: false });
  });
});
