import { appendFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { check } from "../src/act/monitor.ts";
import { UsageError } from "../src/cluster/errors.ts";
import { loadOrLastGood } from "../src/cluster/last-good.ts";
import { localNode } from "../src/cluster/local-node.ts";
import { readPassword } from "../src/cluster/password.ts";
import { pathsOf } from "../src/cluster/paths.ts";
import { logLine } from "../src/log-line.ts";

declare const __VERSION__: string;
