import { startLab } from "../lab/lab.ts";

/** Switchovers in a row under load, on one lab, each asked for on the node that takes the role. */
export async function switchovers(count: number): Promise<string> {
  const lab = await startLab({});
  try {
    const { server11, server12, client } = lab;
    await lab.bringUp();
    const watch = lab.watchMasters(10);
    const writing = await client.writeThroughVip({ connections: 2 });
    const seconds: number[] = [];
    for (let round = 0; round < count; round++) {
      const [from, to] = round % 2 ? [server12, server11] : [server11, server12];
      const { code, stdout, stderr } = await to.run(["switchover", "--to", to.name, "--json"], { deadline_ms: 40_000 });
      if (code !== 0) throw new Error(`switchover ${round + 1}: ${stderr}`);
      seconds.push((JSON.parse(stdout) as { seconds: number }).seconds);
      await lab.until(() => from.vrrpState() === "BACKUP", 20, `${from.name} stands by again`);
    }
    const [report, masters] = [await writing.stop(), await watch.stop()];
    const lost = await lab.lostWrites(report, count % 2 ? server12 : server11);
    const median = seconds.sort((a, b) => a - b)[Math.floor(count / 2)] ?? 0;
    return (
      `${count} switchovers: ${lost.length} of ${report.acknowledged} acknowledged writes lost, longest gap ` +
      `${Math.round(report.longestGap.ms)} ms, two masters ${Math.round(masters.twoMasters_ms)} ms, median ${median} s each`
    );
  } finally {
    await lab.stop();
  }
}
