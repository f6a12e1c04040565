import type { Waiting } from './waiting.ts'

/** Which copies of the index exist; a rebuild makes a new one beside the old, and then lets it serve. */
export interface IndexGenerations {
  /** A number that each change raises by one; 0 before the first. */
  readonly rev: number
  /** The one that searches read; null before the first. */
  readonly serving: string | null
  /**
   * Generations that are written to along with the serving one and never read: the one being built, or the one that
   * served before.
   */
  readonly others: readonly string[]
}

/**
 * The list of generations, kept with the persons, so that every process of the installation writes to all of them.
 * Throws E_STORE_UNAVAILABLE.
 */
export interface IndexGenerationRegistry {
  readGenerations(waiting?: Waiting): Promise<IndexGenerations>
  /** Compare-and-set: writes `next` if the list's rev is still `next.rev - 1`; false otherwise. */
  changeGenerations(next: IndexGenerations, waiting?: Waiting): Promise<boolean>
}
