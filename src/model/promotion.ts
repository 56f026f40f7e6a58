/** What a node remembers of the promotion of its own Redis. */
export interface Promotion {
  /** The replication id that it got. */
  id: string;
  /** The nodes that had resigned before. */
  resigned: string[];
  /** This node had resigned itself: the last offset that it is known to have served before that, of the history before `id`. */
  resignedAt?: number;
}
