import type { WriterOptions } from "../../lab/client/writer-options.ts";
import type { Writing } from "../../lab/client/writing.ts";
import type { Lab } from "../../lab/lab.ts";

/**
 * Retries at once, and asks anew before the kernel repeats a lost SYN: so a gap is that of the failover, not that of the
 * client's patience. A reply is waited for 25 ms, many times what one takes.
 */
const patience = { connect_timeout_ms: 5, reply_timeout_ms: 25, retry_ms: 0 };

export const rawClient =
  (more: Partial<WriterOptions> = {}) =>
  (lab: Lab): Promise<Writing> =>
    lab.client.writeThroughVip({ ...patience, ...more });
