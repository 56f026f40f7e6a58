import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { Writing } from "../../lab/client/writing.ts";
import type { Lab } from "../../lab/lab.ts";
import { redisPort } from "../../lab/server/redis-conf.ts";

const path = "/opt/lab/ioredis-writer.cjs";

/**
 * ioredis with its defaults: before its first retry 5 waits 50 ms and 6 up to 200 ms more, at random; both wait 10 s for a
 * connection, and for ever for a reply.
 */
export const ioredisClient =
  (major: 5 | 6) =>
  async (lab: Lab): Promise<Writing> => {
    const { outputFiles } = await build({
      entryPoints: [fileURLToPath(new URL("ioredis-writer.ts", import.meta.url))],
      bundle: true,
      platform: "node",
      format: "cjs",
      target: "node20",
      ...(major === 5 && { alias: { ioredis: "ioredis5" } }),
      write: false,
    });
    lab.client.disk.write(path, outputFiles[0]?.contents ?? "");
    const writing = new Writing(lab.client, lab.client.spawn(["node", path]), {
      host: lab.vip,
      port: redisPort,
      password: lab.password,
      db: 0,
      keyPrefix: "io",
      connections: 1,
      pipeline: 1,
      valueBytes: 0,
      connect_timeout_ms: 10_000,
      reply_timeout_ms: Number.MAX_SAFE_INTEGER,
      retry_ms: 50,
      pause_ms: 0,
      reportFile: "/var/tmp/acknowledgements-ioredis",
    });
    await writing.acknowledged(1);
    return writing;
  };
