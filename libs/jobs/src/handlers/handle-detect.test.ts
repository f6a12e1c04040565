import { checksOf, type PictureRef } from '@semblance/core'
import { aPicture, createFakeFaceEngine } from '@semblance/testkit'
import { describe, expect, it } from 'vitest'
import type { DetectPayload } from '../catalogue.ts'
import { handleDetect } from './handle-detect.ts'

function detect(given: Partial<DetectPayload> = {}, identities: readonly string[] = ['ada', 'bob']) {
  const deps = {
    engine: createFakeFaceEngine(),
    inFlight: {
      put: async () => 'x' as PictureRef,
      get: async () => aPicture({ identities }),
      drop: async () => {},
    },
    links: {
      fetch: async () => ({ outcome: 'refused', reason: 'unreachable' }) as const,
      close: async () => {},
    },
    observe: () => {},
  }
  const payload: DetectPayload = {
    requestId: 'r',
    picture: { from: { kind: 'ref', ref: 'x' as PictureRef }, resize: null },
    onlyCentralFace: true,
    crop: null,
    quality: null,
    attributes: [],
    ...given,
  }
  return handleDetect(deps, payload, { lane: 'search' })
}

async function facesOf(given: Partial<DetectPayload> = {}) {
  const result = await detect(given)
  if (result.outcome !== 'detected') throw new Error(result.outcome)
  return result.faces
}

describe('the detect job', () => {
  it('gives the central face or all of them, as asked', async () => {
    expect(await facesOf()).toHaveLength(1)
    expect(await facesOf({ onlyCentralFace: false })).toHaveLength(2)
  })

  it('gives neither quality nor attributes nor a crop unless asked', async () => {
    const [face] = await facesOf()
    expect(face!.quality).toBeNull()
    expect(face!.attributes).toEqual({ age: null, emotion: null })
    expect(face!.detection.crop).toBeNull()
  })

  it('counts the other faces for a central one only if that is asked', async () => {
    const [face] = await facesOf({ quality: [{ name: 'OtherFaces', range: [0, 0] }] })
    expect(face!.quality!.details).toMatchObject([{ name: 'OtherFaces', value: 1, status: 'noncompliant' }])
    const [other] = await facesOf({ quality: [{ name: 'Roll', range: [-8, 8] }] })
    expect(other!.quality!.nonCompliant).toEqual([])
  })

  it('never lets a descriptor out', async () => {
    const quality = [...checksOf('icao')].map(({ name, range }) => ({
      name,
      range: range && ([...range] as [number, number]),
    }))
    const crop = {
      ratio: { width: 3, height: 4 },
      size: null,
      padColor: [0, 0, 0] as [number, number, number],
    }
    const result = await detect({ onlyCentralFace: false, crop, quality, attributes: ['age', 'emotion'] })
    expect(JSON.stringify(result)).not.toContain('descriptor')
  })

  it('says that there is no face, and that a link was refused', async () => {
    expect(await detect({}, [])).toEqual({ outcome: 'no-face' })
    const picture = { from: { kind: 'link', url: 'http://x' } as const, resize: null }
    expect(await detect({ picture })).toEqual({ outcome: 'link-refused', reason: 'unreachable' })
  })
})
