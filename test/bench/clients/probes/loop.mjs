import { createInterface } from "node:readline";

/**
 * What the probes for Node.js have in common. A probe reads one line, `HOST PORT PASSWORD KEY-PREFIX SETTING`, and writes one numbered key
 * after the other, 2 ms after the last one was answered, whatever the answer was. With a setting that ends in `,concurrent`
 * it writes one every 10 ms instead, answered or not, as a server whose requests don't wait for each other. It prints
 *
 *     start VERSION        of the library
 *     ack MS KEY           an acknowledged write
 *     fail MS ERROR        a write that the library rejected
 *     event MS ERROR       an error that the library reports beside the writes
 *
 * with times of CLOCK_MONOTONIC in milliseconds. It goes on until it is killed.
 */

const pause_ms = 2;
const interval_ms = 10;

const say = (kind, text) =>
  process.stdout.write(`${kind} ${(Number(process.hrtime.bigint()) / 1e6).toFixed(1)} ${text}\n`);

/** One line, as the application would log it. */
const oneLine = (error) =>
  `${error?.name ?? "Error"}: ${error?.message || error?.code || error}`.replaceAll(/\s+/g, " ");

/** @param open `(target, settingName, onEvent)`; resolves to `(key, value) => Promise`, which the library settles. */
export function probe(version, open) {
  const commands = createInterface({ input: process.stdin });
  commands.once("line", async (line) => {
    const [host, port, password, prefix, named] = line.split(" ");
    const [setting, concurrent] = named.split(",");
    process.stdout.write(`start ${version}\n`);
    const set = await open({ host, port: Number(port), password }, setting, (error) => say("event", oneLine(error)));
    for (let key = 0; ; key++) {
      const written = set(`${prefix}:${key}`, String(key)).then(
        () => say("ack", key),
        (error) => say("fail", oneLine(error)),
      );
      if (!concurrent) await written;
      await new Promise((wake) => setTimeout(wake, concurrent ? interval_ms : pause_ms));
    }
  });
}
