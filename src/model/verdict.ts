/** May this node hold the virtual IP? */
export interface Verdict {
  healthy: boolean;
  /** One word for machines; changes of it are what the monitor logs. */
  cause: string;
  detail: string;
}

/** What a master remembers of its replicas from one look to the next. */
export interface Contact {
  /** The history that this is about. */
  id: string;
  /** Where the replicas were when the last of them fell silent; undefined while one keeps up. */
  copied?: number | undefined;
}
