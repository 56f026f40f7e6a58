import { build } from "esbuild";
import { Host } from "../machine/host.ts";
import type { Namespace } from "../machine/namespace.ts";
import type { Network } from "../machine/network.ts";
import type { RedisAccess } from "../server/cluster-file.ts";
import { redisPort } from "../server/redis-conf.ts";
import type { WriterOptions } from "./writer-options.ts";
import { Writing } from "./writing.ts";

export const writerPath = "/opt/lab/writer.cjs";

/** The writer as one self-contained file. */
export async function bundleWriter(): Promise<Uint8Array> {
  const entry = new URL("writer.ts", import.meta.url).pathname;
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    write: false,
  });
  const [file] = outputFiles;
  if (!file) throw new Error("esbuild made no file for the writer");
  return file.contents;
}

/** The host of an application, which knows only the VIP. */
export class Client extends Host {
  readonly #access: RedisAccess;
  readonly #pause_ms: number;
  #writers = 0;

  constructor(name: string, address: string, lab: Namespace, network: Network, access: RedisAccess, pause_ms: number) {
    super(name, address, lab, network);
    this.#access = access;
    this.#pause_ms = pause_ms;
  }

  /**
   * Writes through the VIP until `stop`, by default one write at a time on one connection. Resolves at the first acknowledged
   * write.
   */
  async writeThroughVip(options: Partial<WriterOptions> = {}): Promise<Writing> {
    const number = this.#writers++;
    const all: WriterOptions = {
      ...this.#access,
      host: this.#access.vip,
      port: redisPort,
      db: 0,
      keyPrefix: `w${number}`,
      connections: 1,
      pipeline: 1,
      pause_ms: this.#pause_ms,
      valueBytes: 0,
      connect_timeout_ms: 50,
      reply_timeout_ms: 250,
      retry_ms: 1,
      reportFile: `/var/tmp/acknowledgements-${number}`,
      ...options,
    };
    const writing = new Writing(this, this.spawn(["node", writerPath]), all);
    await writing.acknowledged(1);
    return writing;
  }
}
