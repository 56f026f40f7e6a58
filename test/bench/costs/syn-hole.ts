import { type Lab, startLab } from "../../lab/lab.ts";
import { vip } from "../../lab/server/cluster-file.ts";
import { redisPort } from "../../lab/server/redis-conf.ts";
import type { Contender } from "../contenders/contender.ts";
import { agent, hooks } from "../contenders/ours.ts";
import { events, tookOver } from "../events.ts";
import type { Row } from "../results.ts";
import { summarise } from "../statistics.ts";

/**
 * While the virtual IP is on its way nobody answers a SYN, not even with a refusal, and the kernel repeats it only after a
 * second. A client that doesn't give up before waits that long, though the address may be back after milliseconds.
 */

const patience_ms = 40;
const after_ms = 3000;

/** Knocks once a millisecond; prints when it knocked at nobody's door. Runs on the client's host by itself. */
const knocker = `const { connect } = require("node:net");
const [host, port, for_ms, patience_ms] = process.argv.slice(1);
const unheard = [];
const begun = performance.now();
const knocking = setInterval(() => {
  const at = performance.now();
  if (at - begun > for_ms) {
    clearInterval(knocking);
    setTimeout(() => console.log(JSON.stringify(unheard)), 2 * patience_ms);
    return;
  }
  const socket = connect(port, host);
  const late = setTimeout(() => { unheard.push(at); socket.destroy(); }, patience_ms);
  const heard = () => { clearTimeout(late); socket.destroy(); };
  socket.on("connect", heard).on("error", heard);
}, 1);`;

export async function synHole(runs: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const contender of [hooks, agent])
    for (const event of ["crash", "move"]) {
      const holes: number[] = [];
      for (let run = 0; run < runs; run++) holes.push(await holeOf(contender, event));
      const { median, max } = summarise(holes);
      rows.push({ "": `${contender.name}, ${event}`, runs, "median ms": median.toFixed(1), "max ms": max.toFixed(1) });
    }
  return rows;
}

async function holeOf(contender: Contender, name: string): Promise<number> {
  const event = events.find((one) => one.name === name);
  if (!event) throw new Error(`there is no event "${name}"`);
  const lab = await startLab(contender.lab);
  try {
    await contender.bringUp(lab);
    const knocking = knock(lab, after_ms);
    await new Promise((wake) => setTimeout(wake, 500 + Math.random() * 1000));
    await event.strike(lab, contender);
    await tookOver({ lab, contender });
    const unheard = await knocking;
    return unheard.length === 0 ? 0 : Math.max(...unheard) - Math.min(...unheard) + 1;
  } finally {
    await lab.stop();
  }
}

async function knock({ client }: Lab, for_ms: number): Promise<number[]> {
  const argv = ["node", "-e", knocker, vip, String(redisPort), String(for_ms), String(patience_ms)];
  return JSON.parse((await client.must(argv)).stdout) as number[];
}
