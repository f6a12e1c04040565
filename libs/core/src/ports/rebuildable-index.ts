import type { DescriptorIndex } from './descriptor-index.ts'
import type { Waiting } from './waiting.ts'

/** One copy of the index by itself, for the rebuild that fills it; the promises are those of `DescriptorIndex`. */
export type IndexGeneration = Pick<DescriptorIndex, 'upsert' | 'remove' | 'listImageIds' | 'count'>

/**
 * An index of which several copies can exist: one serves searches, the others are written to as well. Which ones there
 * are stands in the `IndexGenerationRegistry`, and every process writes to all of them. Its own methods change that
 * list and are called by one process at a time; a caller who was overtaken gets E_INDEX_UNAVAILABLE.
 */
export interface RebuildableIndex extends DescriptorIndex {
  /**
   * Longest time after a change of the list until every write that resolves, in any process, was made with the new
   * list: what was written with an older one had resolved before.
   */
  readonly registrySettleMs: number
  /** Makes an empty copy and registers it: from now on, and everywhere after `registrySettleMs`, it is written to. */
  beginGeneration(waiting?: Waiting): Promise<string>
  /** Registered ones that do not serve: a rebuild's, or what one that died has left. */
  otherGenerations(waiting?: Waiting): Promise<readonly string[]>
  /** Reads and writes that copy only. */
  generation(name: string): IndexGeneration
  /** Searches go to this copy from now on, without a gap; the former one stays written to until dropped. */
  serve(generation: string, waiting?: Waiting): Promise<void>
  /** Unregisters and removes a copy that does not serve; one that is gone is fine. */
  drop(generation: string, waiting?: Waiting): Promise<void>
}
