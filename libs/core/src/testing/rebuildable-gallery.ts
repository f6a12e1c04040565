import { indexUnavailable } from '../errors.ts'
import type { GalleryPorts } from '../gallery-ports.ts'
import type { RebuildableIndex } from '../ports/rebuildable-index.ts'
import { TEST_PACK } from './builders/a-descriptor.ts'
import { FAKE_DIMENSIONS } from './fake-face-engine.ts'
import { createNaiveGenerationRegistry } from './naive/naive-generation-registry.ts'
import { openNaiveRebuildableIndex } from './naive/naive-rebuildable-index.ts'
import { type FamilyGallery, galleryOver, openTestGallery } from './test-gallery.ts'

export interface RebuildableGallery {
  readonly gallery: FamilyGallery & { readonly index: RebuildableIndex }
  /** The same installation as another process sees it, with a list of generations of its own. */
  readonly another: () => Promise<GalleryPorts & { readonly index: RebuildableIndex }>
  /** Names of the copies that exist. */
  readonly copies: () => readonly string[]
}

/** An empty gallery in memory whose index has generations. */
export async function openRebuildableGallery(registrySettleMs = 20): Promise<RebuildableGallery> {
  const generations = { registry: createNaiveGenerationRegistry(), copies: new Map() }
  const openIndex = () =>
    openNaiveRebuildableIndex({
      packId: TEST_PACK,
      dimensions: FAKE_DIMENSIONS,
      generations,
      registrySettleMs,
    })
  const { records, pictures, exclusive, clock, age } = openTestGallery()
  const index = await openIndex()
  const gallery = galleryOver({
    records,
    pictures,
    exclusive,
    clock,
    age,
    index,
    indexed: () => index.listVectors({ after: null, limit: 10_000 }),
    close: async () => {},
  })
  return {
    gallery: { ...gallery, index },
    another: async () => ({ ...gallery, index: await openIndex() }),
    copies: () => [...generations.copies.keys()],
  }
}

/** The index as seen by a process that dies with its `n`th call, right before or right after it. */
export function indexDyingAt(
  index: RebuildableIndex,
  point: { readonly n: number; readonly when: 'before' | 'after' },
): { readonly index: RebuildableIndex; readonly calls: () => readonly string[] } {
  const calls: string[] = []
  const die = () => {
    throw indexUnavailable(new Error('the process died here'))
  }
  const mortal = <Port extends object>(port: Port): Port =>
    new Proxy(port, {
      get: (target, method: string) => {
        const member: unknown = Reflect.get(target, method)
        if (typeof member !== 'function') return member
        if (method === 'generation')
          return (...args: readonly unknown[]) => mortal(Reflect.apply(member, target, args))
        return async (...args: readonly unknown[]) => {
          const n = calls.push(method) - 1
          if (n > point.n || (n === point.n && point.when === 'before')) die()
          const answer = await Reflect.apply(member, target, args)
          return n === point.n ? die() : answer
        }
      },
    })
  return { index: mortal(index), calls: () => calls }
}
