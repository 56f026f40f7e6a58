import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { Acknowledgements } from "../lab/client/acknowledgements.ts";

// writes.ts ACKNOWLEDGEMENTS MARKS ADDRESS: what the writer of two-machines found in each step, and which of its acknowledged writes the
// Redis at ADDRESS lacks. MARKS has a line for each step: its start in seconds since the boot, the longest gap in milliseconds that it may
// have, and its name.

const [file = "", marks = "", address = ""] = process.argv.slice(2);
const acks = new Acknowledgements(readFileSync(file));
const steps = readFileSync(marks, "utf8")
  .trim()
  .split("\n")
  .map((line) => {
    const [from_s, limit_ms, ...name] = line.split(" ");
    return { from_ms: Number(from_s) * 1000, limit_ms: Number(limit_ms), name: name.join(" "), count: 0, gap_ms: 0 };
  });

for (let index = 1; index < acks.count; index++) {
  const at_ms = acks.time_ms(index);
  const step = steps.findLast(({ from_ms }) => from_ms <= at_ms) ?? steps[0];
  if (!step) continue;
  step.count++;
  step.gap_ms = Math.max(step.gap_ms, at_ms - acks.time_ms(index - 1));
}
for (const { name, count, gap_ms } of steps.filter(({ count }) => count > 0))
  console.log(`${name.padEnd(44)} ${String(count).padStart(8)} writes, longest gap ${Math.round(gap_ms)} ms`);

const keys = Array.from({ length: acks.count }, (_, index) => acks.key(index));
const lost: number[] = [];
for (let start = 0; start < keys.length; start += 1000) {
  const batch = keys.slice(start, start + 1000);
  const command = ["-h", address, "MGET", ...batch.map((key) => `w:${key}`)];
  const values = execFileSync("redis-cli", command, { encoding: "utf8" }).split("\n");
  lost.push(...batch.filter((key, index) => values[index] !== String(key)));
}
console.log(
  `${keys.length} writes acknowledged, ${lost.length} lost${lost.length > 0 ? `: ${lost.slice(0, 20)}` : ""}`,
);
const tooLong = steps.filter(({ gap_ms, limit_ms }) => gap_ms > limit_ms);
for (const { name, limit_ms } of tooLong) console.log(`FAILED: ${name}: a gap of more than ${limit_ms} ms`);
if (keys.length === 0 || lost.length > 0 || tooLong.length > 0) process.exitCode = 1;
