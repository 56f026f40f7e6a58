import { runMonitor } from "../src/act/monitor-command.ts";

void runMonitor(process.argv.slice(2));
