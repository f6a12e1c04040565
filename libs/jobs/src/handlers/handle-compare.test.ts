import type { PictureRef } from '@semblance/core'
import { aPicture, createFakeFaceEngine, type FakeScene, openTestGallery } from '@semblance/testkit'
import { describe, expect, it } from 'vitest'
import type { ComparePayload } from '../catalogue.ts'
import { handleCompare } from './handle-compare.ts'

/** A link is refused; anything else is in flight under its own name. */
async function compare(
  pictures: readonly (Partial<FakeScene> | 'link')[],
  given: Partial<ComparePayload> = {},
) {
  const deps = {
    gallery: openTestGallery(),
    engine: createFakeFaceEngine(),
    inFlight: {
      put: async () => '' as PictureRef,
      get: async (ref: PictureRef) => aPicture(JSON.parse(ref)),
      drop: async () => {},
    },
    links: {
      fetch: async () => ({ outcome: 'refused', reason: 'unreachable' }) as const,
      close: async () => {},
    },
    observe: () => {},
  }
  const sourceOf = (picture: Partial<FakeScene> | 'link') =>
    picture === 'link'
      ? { kind: 'link' as const, url: 'http://x' }
      : { kind: 'ref' as const, ref: JSON.stringify(picture) as PictureRef }
  const payload: ComparePayload = {
    requestId: 'r',
    pictures: pictures.map((picture) => ({
      picture: { from: sourceOf(picture), resize: null },
      faces: 'central',
      isComparedWithin: false,
    })),
    crop: null,
    search: null,
    ...given,
  }
  const result = await handleCompare(deps, payload, { lane: 'search' })
  if (result.outcome !== 'compared') throw new Error(result.outcome)
  return result
}

describe('the compare job', () => {
  it('tells of a refused link in its place and compares the others', async () => {
    const { pictures, comparisons, elapsedMs } = await compare(['link', {}, { identities: [] }, {}])
    expect(pictures.map(({ outcome }) => outcome)).toEqual(['link-refused', 'faces', 'no-face', 'faces'])
    expect(comparisons).toMatchObject([{ first: { picture: 1, face: 0 }, second: { picture: 3, face: 0 } }])
    expect(elapsedMs).toBeGreaterThan(0)
  })

  it('never lets a descriptor out, nor the picture', async () => {
    const search = { groupIds: [], field: null, threshold: 2, limit: 10 }
    const text = JSON.stringify(await compare([{}, {}], { search }))
    expect(text).not.toMatch(/descriptor|bytes|values/)
  })
})
