/** How to write; the first line that the writer is told. */
export interface WriterOptions {
  host: string;
  port: number;
  /** Addresses of Sentinels that are asked, before each connection, where the master is; `host` and `port` are unused then. */
  sentinels?: readonly string[] | undefined;
  password?: string | undefined;
  db: number;
  keyPrefix: string;
  connections: number;
  /** Writes under way on each connection at a time. */
  pipeline: number;
  /** Stop after so many writes; undefined: go on until told to stop. */
  count?: number | undefined;
  /** Values are padded to this size. */
  valueBytes: number;
  connect_timeout_ms: number;
  reply_timeout_ms: number;
  /** Pause after a refusal or a broken connection. */
  retry_ms: number;
  /** Where the acknowledgements are left at the end. */
  reportFile: string;
}

/** The value written to key number `key`. */
export const valueFor = (key: number, { valueBytes }: Pick<WriterOptions, "valueBytes">): string =>
  String(key).padEnd(valueBytes, ".");
