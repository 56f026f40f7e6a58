/**
 * Like setInterval, but in step with everyone else's in this process: each time the processor is woken costs 0.1 ms and more,
 * however little there is to do (measured), and an agent has many things to do now and then. `pause` in ms, or what tells it
 * before each one. Returns what ends it.
 */
export function alignedTimer(pause: number | (() => number), act: () => void): () => void {
  let timer: NodeJS.Timeout;
  const wait = () => {
    const every_ms = typeof pause === "number" ? pause : pause();
    const left_ms = every_ms - (performance.now() % every_ms);
    // A timer may go off a moment early: that beat has been, then.
    const early = left_ms < Math.min(5, every_ms / 4);
    timer = setTimeout(beat, Math.ceil(early ? left_ms + every_ms : left_ms));
  };
  const beat = () => {
    wait();
    act();
  };
  wait();
  return () => clearTimeout(timer);
}
