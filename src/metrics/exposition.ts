import { Counter, Gauge, Registry } from "prom-client";
import type { Metric, MetricsFacts } from "../model/metrics.ts";
import { hostMetrics } from "./host-metrics.ts";
import { redisMetrics } from "./redis-metrics.ts";

const prefix = "keepalived_redis_";

/** All metrics, with their full names. */
export const metricsTable: readonly Metric[] = [...hostMetrics, ...redisMetrics].map((metric) => ({
  ...metric,
  name: `${prefix}${metric.name}`,
}));

export const contentType = Registry.PROMETHEUS_CONTENT_TYPE;

/** The metrics of these clusters in the text format of Prometheus. */
export function exposition(clusters: readonly MetricsFacts[]): Promise<string> {
  const registry = new Registry();
  const registers = [registry];
  for (const { name, help, type, labels = [], samples } of metricsTable) {
    const metric = { name, help, labelNames: ["cluster", "node", ...labels], registers };
    const add = type === "counter" ? adder(new Counter(metric)) : setter(new Gauge(metric));
    for (const facts of clusters)
      for (const { labels: own, value } of samples(facts))
        add({ cluster: facts.cluster, node: facts.node, ...own }, value);
  }
  return registry.metrics();
}

type Add = (labels: Record<string, string>, value: number) => void;
const setter = (gauge: Gauge): Add => gauge.set.bind(gauge);
const adder = (counter: Counter): Add => counter.inc.bind(counter);

/** The metrics of this process, by the names that every Prometheus client uses. */
export async function processMetrics(): Promise<string> {
  const registry = new Registry();
  const registers = [registry];
  const { user, system } = process.cpuUsage();
  const cpu = { name: "process_cpu_seconds_total", help: "CPU time of this process", registers };
  new Counter(cpu).inc((user + system) / 1e6);
  const memory = { name: "process_resident_memory_bytes", help: "Memory of this process", registers };
  new Gauge(memory).set(process.memoryUsage.rss());
  const start = { name: "process_start_time_seconds", help: "Start of this process, in seconds since 1970", registers };
  new Gauge(start).set(Date.now() / 1000 - process.uptime());
  return registry.metrics();
}
