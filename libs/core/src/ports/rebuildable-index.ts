import type { ImageId } from '../ids.ts'
import type { DescriptorIndex, IndexPayload } from './descriptor-index.ts'
import type { Waiting } from './waiting.ts'

/** A vector as the index has it; `payload` is null from an index that cannot tell. */
export interface ListedVector {
  readonly imageId: ImageId
  readonly payload: IndexPayload | null
}

/** What can be compared with the store and put right, vector by vector. */
export interface IndexCopy extends Pick<DescriptorIndex, 'upsert' | 'updatePayload' | 'remove' | 'count'> {
  /** Lists vectors by increasing image id after `after`. */
  listVectors(
    query: { readonly after: ImageId | null; readonly limit: number },
    waiting?: Waiting,
  ): Promise<readonly ListedVector[]>
}

/**
 * An index of which several copies can exist: one serves searches, the others are written to as well. Which ones there
 * are stands in the `IndexGenerationRegistry`, and every process writes to all of them. The methods that change that
 * list are called by one process at a time; a caller who was overtaken gets E_INDEX_UNAVAILABLE.
 */
export interface RebuildableIndex extends DescriptorIndex, IndexCopy {
  /**
   * The longest time after a change of the list until every write that resolves, in any process, was made with the
   * new list: what was made with an older one had resolved before.
   */
  readonly registrySettleMs: number
  /** Makes an empty copy and registers it: from now on, and everywhere after `registrySettleMs`, it is written to. */
  beginGeneration(waiting?: Waiting): Promise<string>
  /** Registered ones that do not serve: a rebuild's, or what one that died has left. */
  otherGenerations(waiting?: Waiting): Promise<readonly string[]>
  /** Reads and writes that copy only, with the promises of `DescriptorIndex`. */
  generation(name: string): IndexCopy
  /** Searches go to this copy from now on, without a gap; the former one stays written to until dropped. */
  serve(generation: string, waiting?: Waiting): Promise<void>
  /** Unregisters and removes a copy that does not serve; one that is gone is fine. */
  drop(generation: string, waiting?: Waiting): Promise<void>
}
