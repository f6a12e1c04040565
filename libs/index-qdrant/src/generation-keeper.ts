import {
  type IndexGenerations,
  indexUnavailable,
  type PackId,
  packInvalid,
  recordsMissing,
  type Waiting,
} from '@semblance/core'
import {
  type CollectionLayout,
  createCollection,
  deleteCollection,
  listCollections,
  pointAlias,
  readAlias,
  readLayout,
  untilIndexed,
} from './collection-layout.ts'
import type { CollectionNames } from './collection-names.ts'
import { type KnownGenerations, registered } from './known-generations.ts'
import { countPoints } from './list-points.ts'
import { isMissingCollection, type QdrantCalls } from './qdrant-calls.ts'
import { QdrantFault } from './qdrant-fault.ts'

export interface GenerationKeeperDeps {
  readonly calls: QdrantCalls
  readonly known: KnownGenerations
  readonly names: CollectionNames
  readonly packId: PackId
  /** Vectors that may be there while the registry knows of no generation. */
  readonly acceptedMissing: number
  /** The layout is asked for with each new collection, since nodes may have come since. */
  readonly layout: (waiting?: Waiting) => Promise<CollectionLayout>
}

/**
 * Keeps the registry, the collections and the alias in step. The registry is the truth and is changed first; the alias
 * follows, and whoever finds it behind brings it up. A generation is named after the revision of the list that names
 * it first, so a name is never used again.
 */
export class GenerationKeeper {
  readonly #deps: GenerationKeeperDeps

  constructor(deps: GenerationKeeperDeps) {
    this.#deps = deps
  }

  /**
   * Makes, at the start, the first generation if there is none, and sets the alias as the registry says. Answers how the
   * collection was made that serves; null if it was lost.
   * @param dimensions null: whatever the collection has; it must be there then
   */
  async ensureServing(dimensions: number | null, waiting?: Waiting): Promise<CollectionLayout | null> {
    let { list } = await this.#deps.known.refresh(waiting)
    while (list.serving === null) {
      if (dimensions === null)
        throw packInvalid(this.#deps.packId, 'the length of its descriptors is not known')
      await this.#refuseStrangers(waiting)
      const first = await this.#create(list, waiting)
      await this.#deps.known.change(list, { serving: first, others: list.others }, waiting)
      list = (await this.#deps.known.refresh(waiting)).list
    }
    await this.#followRegistry(waiting)
    const found = await readLayout(this.#deps.calls, this.#deps.names.collectionOf(list.serving), waiting)
    if (found !== null && dimensions !== null && found.dimensions !== dimensions)
      throw packInvalid(
        this.#deps.packId,
        `its index holds descriptors of ${found.dimensions} values, not ${dimensions}`,
      )
    return found
  }

  /**
   * A registry that knows of no generation beside collections that are full was lost, or is another installation's: it
   * must not take the alias from them, nor a rebuild by it delete them. Throws E_RECORDS_MISSING.
   */
  async #refuseStrangers(waiting?: Waiting): Promise<void> {
    const { calls, known, names, acceptedMissing } = this.#deps
    let atHand = 0
    for (const collection of await listCollections(calls, waiting)) {
      if (names.generationOf(collection) !== null)
        atHand += await countPoints(calls, { collection, filter: null }, waiting)
    }
    if (atHand <= acceptedMissing) return
    // Another process may have registered and filled the first one since.
    if ((await known.refresh(waiting)).list.serving !== null) return
    throw recordsMissing('vectors', { atHand, unknown: atHand })
  }

  async begin(waiting?: Waiting): Promise<string> {
    const { list } = await this.#deps.known.refresh(waiting)
    await this.#deleteUnregistered(list, waiting)
    const generation = await this.#create(list, waiting)
    const others = [...list.others, generation]
    await this.#change(list, { serving: list.serving, others }, waiting)
    return generation
  }

  async serve(generation: string, waiting?: Waiting): Promise<void> {
    const { list } = await this.#deps.known.refresh(waiting)
    if (list.serving !== generation) {
      if (!list.others.includes(generation)) throw overtaken()
      const others = registered(list).filter((name) => name !== generation)
      await untilIndexed(this.#deps.calls, this.#deps.names.collectionOf(generation), waiting)
      await this.#change(list, { serving: generation, others }, waiting)
    }
    await this.#followRegistry(waiting)
  }

  async drop(generation: string, waiting?: Waiting): Promise<void> {
    const { list } = await this.#deps.known.refresh(waiting)
    if (list.serving === generation) throw overtaken()
    await this.#followRegistry(waiting)
    const others = list.others.filter((name) => name !== generation)
    if (others.length < list.others.length)
      await this.#change(list, { serving: list.serving, others }, waiting)
    await deleteCollection(this.#deps.calls, this.#deps.names.collectionOf(generation), waiting)
  }

  /** Unregisters and removes every copy: a later `ensureServing` makes an empty one. */
  async dropAll(waiting?: Waiting): Promise<void> {
    const { list } = await this.#deps.known.refresh(waiting)
    if (registered(list).length > 0) await this.#change(list, { serving: null, others: [] }, waiting)
    await this.#deleteUnregistered({ ...list, serving: null, others: [] }, waiting)
  }

  async #create(list: IndexGenerations, waiting?: Waiting): Promise<string> {
    const generation = `g${list.rev + 1}`
    const collection = this.#deps.names.collectionOf(generation)
    await createCollection(
      this.#deps.calls,
      { collection, layout: await this.#deps.layout(waiting) },
      waiting,
    )
    return generation
  }

  async #change(
    list: IndexGenerations,
    to: Pick<IndexGenerations, 'serving' | 'others'>,
    waiting?: Waiting,
  ): Promise<void> {
    if (!(await this.#deps.known.change(list, to, waiting))) throw overtaken()
  }

  /**
   * The alias is read before the registry: what is behind in the alias is never ahead of what the registry says then.
   */
  async #followRegistry(waiting?: Waiting): Promise<void> {
    const { calls, known, names } = this.#deps
    for (;;) {
      const target = await readAlias(calls, names.alias, waiting)
      const { list } = await known.refresh(waiting)
      const collection = list.serving === null ? null : names.collectionOf(list.serving)
      if (collection === null || target === collection) return
      try {
        await pointAlias(calls, { alias: names.alias, collection }, waiting)
      } catch (fault) {
        // A collection may be lost with the disk, or deleted by hand: searches say so, and a rebuild mends it.
        if (isMissingCollection(fault)) return
        throw fault
      }
    }
  }

  /** What a process left that died between making or unregistering a collection and the next step. */
  async #deleteUnregistered(list: IndexGenerations, waiting?: Waiting): Promise<void> {
    const { calls, names } = this.#deps
    for (const collection of await listCollections(calls, waiting)) {
      const generation = names.generationOf(collection)
      if (generation !== null && !registered(list).includes(generation))
        await deleteCollection(calls, collection, waiting)
    }
  }
}

function overtaken() {
  return indexUnavailable(new QdrantFault('the list of index generations was changed by another process'))
}
