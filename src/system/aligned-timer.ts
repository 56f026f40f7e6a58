/**
 * Like setInterval, but all timers of one interval in this process fire together. An agent has many periodic jobs, and each
 * wake-up of the processor costs at least 0.1 ms (measured). `interval` is in milliseconds; a function is called before each
 * wait. Returns a function that stops the timer.
 */
export function alignedTimer(interval: number | (() => number), callback: () => void): () => void {
  let timer: NodeJS.Timeout;
  const schedule = () => {
    const interval_ms = typeof interval === "number" ? interval : interval();
    const left_ms = interval_ms - (performance.now() % interval_ms);
    // A timer may fire a moment early. That tick is done, so the next one is an interval later.
    const early = left_ms < Math.min(5, interval_ms / 4);
    timer = setTimeout(tick, Math.ceil(early ? left_ms + interval_ms : left_ms));
  };
  const tick = () => {
    schedule();
    callback();
  };
  schedule();
  return () => clearTimeout(timer);
}
