import { indexUnavailable } from '../../errors.ts'
import type { ImageId, PackId } from '../../ids.ts'
import type { IndexGenerationRegistry, IndexGenerations } from '../../ports/index-generations.ts'
import type { IndexCopy, ListedVector, RebuildableIndex } from '../../ports/rebuildable-index.ts'
import { createNaiveDescriptorIndex, type NaiveDescriptorIndex } from './naive-descriptor-index.ts'

/** What all processes of an installation have in common. */
export interface NaiveGenerations {
  readonly registry: IndexGenerationRegistry
  readonly copies: Map<string, NaiveDescriptorIndex>
}

/**
 * Each one opened is a process: it writes by the list as it read it last, which may be `registrySettleMs` old, and
 * searches the copy that serves.
 */
export async function openNaiveRebuildableIndex(setup: {
  readonly packId: PackId
  readonly dimensions: number
  readonly generations: NaiveGenerations
  readonly registrySettleMs?: number
}): Promise<RebuildableIndex> {
  const { registry, copies } = setup.generations
  const { registrySettleMs = 20 } = setup
  let known: { readonly list: IndexGenerations; readonly readAt: number } | null = null

  const copyOf = (generation: string | null): NaiveDescriptorIndex => {
    const copy = copies.get(generation ?? '')
    if (copy === undefined) throw indexUnavailable(new Error('no such copy'))
    return copy
  }
  const serving = async () => copyOf((await registry.readGenerations()).serving)
  const written = async (): Promise<readonly NaiveDescriptorIndex[]> => {
    const readAt = performance.now()
    if (known === null || readAt - known.readAt >= registrySettleMs)
      known = { list: await registry.readGenerations(), readAt }
    const { list } = known
    return [list.serving ?? '', ...list.others].flatMap((name) => copies.get(name) ?? [])
  }
  const change = async (to: (list: IndexGenerations) => Pick<IndexGenerations, 'serving' | 'others'>) => {
    const list = await registry.readGenerations()
    if (!(await registry.changeGenerations({ rev: list.rev + 1, ...to(list) })))
      throw indexUnavailable(new Error('overtaken'))
  }
  const make = async () => {
    const name = `g${(await registry.readGenerations()).rev + 1}`
    copies.set(name, createNaiveDescriptorIndex(setup))
    return name
  }
  if ((await registry.readGenerations()).serving === null) {
    const first = await make()
    await change(() => ({ serving: first, others: [] }))
  }

  return {
    registrySettleMs,
    upsert: async (entries, waiting) => {
      for (const copy of await written()) await copy.upsert(entries, waiting)
    },
    updatePayload: async (payload, waiting) => {
      for (const copy of await written()) await copy.updatePayload(payload, waiting)
    },
    remove: async (imageIds, waiting) => {
      for (const copy of await written()) await copy.remove(imageIds, waiting)
    },
    searchMany: async (probes, query, waiting) => (await serving()).searchMany(probes, query, waiting),
    search: async (probe, query, waiting) => (await serving()).search(probe, query, waiting),
    listImageIds: async (query, waiting) => (await serving()).listImageIds(query, waiting),
    listVectors: async (query) => listVectors(await serving(), query),
    count: async (waiting) => (await serving()).count(waiting),
    countMatching: async (filter, waiting) => (await serving()).countMatching(filter, waiting),
    sampleMatching: async (query, waiting) => (await serving()).sampleMatching(query, waiting),
    check: async (waiting) => (await serving()).check(waiting),
    close: async () => {},
    beginGeneration: async () => {
      const name = await make()
      await change(({ serving, others }) => ({ serving, others: [...others, name] }))
      return name
    },
    otherGenerations: async () => (await registry.readGenerations()).others,
    generation: (name): IndexCopy => ({
      upsert: async (entries, waiting) => copyOf(name).upsert(entries, waiting),
      updatePayload: async (payload, waiting) => copyOf(name).updatePayload(payload, waiting),
      remove: async (imageIds, waiting) => copyOf(name).remove(imageIds, waiting),
      count: async (waiting) => copyOf(name).count(waiting),
      listVectors: async (query) => listVectors(copyOf(name), query),
    }),
    serve: (name) =>
      change((list) => {
        if (!list.others.includes(name)) throw indexUnavailable(new Error('not registered'))
        const others = [list.serving ?? '', ...list.others].filter((other) => other !== name)
        return { serving: name, others }
      }),
    drop: async (name) => {
      await change((list) => {
        if (list.serving === name) throw indexUnavailable(new Error('serving'))
        return { serving: list.serving, others: list.others.filter((other) => other !== name) }
      })
      copies.delete(name)
    },
  }
}

function listVectors(
  copy: NaiveDescriptorIndex,
  { after, limit }: { readonly after: ImageId | null; readonly limit: number },
): readonly ListedVector[] {
  const later = copy.entries().filter(({ imageId }) => imageId > (after ?? ''))
  return later.slice(0, limit).map(({ imageId, payload }) => ({ imageId, payload }))
}
