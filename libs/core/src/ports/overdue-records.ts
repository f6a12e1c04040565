import type { Waiting } from './waiting.ts'

/** Records whose work is due, of whatever kind: what the reconciler asks for. See `RecordStore`. */
export interface OverdueRecords {
  /**
   * Ids, oldest first; ages are judged by the store's own clock. An expired person's age counts from its expiry, any
   * other record's from the last write to it.
   */
  list(query: OverdueQuery, waiting?: Waiting): Promise<readonly string[]>
  /** How many `list` would answer without a limit. Cheap enough to be asked at each scrape of the metrics. */
  count(query: Pick<OverdueQuery, 'kind' | 'untouchedMs'>, waiting?: Waiting): Promise<OverdueCount>
  /** Removes a tombstone for good. */
  forget(tombstone: TombstoneName, waiting?: Waiting): Promise<void>
}

/** `untouchedMs`: only records that nobody wrote to for that long. */
export interface OverdueQuery {
  readonly kind:
    | 'pending-image'
    | 'deleting-image'
    | 'gone-image'
    | 'erased-image'
    | 'pending-person'
    /** A `merging` one, or a `live` one who is about to be merged. */
    | 'merging-person'
    | 'deleting-person'
    | 'dirty-person'
    | 'expired-person'
    | 'gone-person'
    | 'deleting-group'
    | 'gone-group'
  readonly untouchedMs: number
  /** The one record that is asked about, if it is one of them. */
  readonly id?: string
  /** How many of the oldest are passed over: those that somebody has tried already. */
  readonly skip: number
  readonly limit: number
}

export interface OverdueCount {
  readonly count: number
  /** Age of the oldest of them; 0 if there is none. */
  readonly oldestMs: number
}

export interface TombstoneName {
  readonly kind: 'person' | 'image' | 'group'
  readonly id: string
}
