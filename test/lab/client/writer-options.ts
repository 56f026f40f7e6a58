/** The options of the writer. They are the first line of its standard input. */
export interface WriterOptions {
  host: string;
  port: number;
  /** Addresses of Sentinels. They are asked for the master before each connection; `host` and `port` are unused then. */
  sentinels?: readonly string[] | undefined;
  password?: string | undefined;
  /** PEM texts: with TLS, and a certificate of its own. */
  tls?: { ca: string; cert: string; key: string } | undefined;
  db: number;
  keyPrefix: string;
  connections: number;
  /** The number of writes in flight on each connection. */
  pipeline: number;
  /**
   * The pause of a connection between replies and its next writes. A writer at full speed takes a whole core of the tests' machine together
   * with Redis, so a scenario in which each moment counts as much as any other has one.
   */
  pause_ms: number;
  /** The number of writes; undefined: until `stop`. */
  count?: number | undefined;
  /** Values are padded to this size. */
  valueBytes: number;
  connect_timeout_ms: number;
  /** Another attempt to connect begins after so long, beside those that wait; undefined: one at a time. Not with TLS. */
  attempt_every_ms?: number;
  reply_timeout_ms: number;
  /** The pause after a refused write or a broken connection. */
  retry_ms: number;
  /** The acknowledgements are written to this file at the end. */
  reportFile: string;
}

/** The value written to key number `key`. */
export const valueFor = (key: number, { valueBytes }: Pick<WriterOptions, "valueBytes">): string =>
  String(key).padEnd(valueBytes, ".");
