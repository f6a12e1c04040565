import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { findSharedData } from '@semblance/testkit'
import fc from 'fast-check'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { cutChips } from '../inference-thread/describe/chips.ts'
import { fivePointChipToPicture } from '../inference-thread/describe/five-point-chip.ts'
import { InferenceSession, Tensor } from '../inference-thread/onnx-runtime.ts'
import { sha256Of } from '../packs/sha256.ts'
import { manifestOf, tarballNetworks } from '../testing/tarball-networks.ts'
import { compileFile, type FileNetworkName } from './compile-network.ts'

const shared = findSharedData()
const PACK = 'builtin@2'
const NETWORKS = [
  { network: 'mobile-facenet', role: 'descriptor-m' },
  { network: 'fr-feature', role: 'descriptor-f' },
] as const
/** As closely as a compiled network must agree with its original. */
const COSINE = 0.99999

/** What TFLite's own runtime (ai-edge-litert 2.3, in Python) gave from the original MobileFaceNet.tflite: 192 numbers in
 *  float32, little-endian, as base64. For waves of color, and for the chips of six faces, of which it has the points. */
const featuresSchema = z.base64().transform((text) => {
  return new Float32Array(new Uint8Array(Buffer.from(text, 'base64')).buffer)
})
const goldenSchema = z.object({
  waves: z.array(z.object({ seed: z.number(), features: featuresSchema })),
  faces: z.array(
    z.object({
      photo: z.string(),
      points: z.array(z.tuple([z.number(), z.number()])).length(5),
      features: featuresSchema,
    }),
  ),
})
const GOLDEN = goldenSchema.parse(
  JSON.parse(readFileSync(join(import.meta.dirname, 'tflite/golden-mobile-facenet.json'), 'utf8')),
)

const original = tarballNetworks(PACK, NETWORKS)

const openSession = (bytes: Uint8Array) =>
  InferenceSession.create(bytes, {
    intraOpNumThreads: 1,
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  })

async function runCompiled(network: FileNetworkName, bytes: Buffer, chips: Float32Array[]) {
  const session = await openSession(compileFile(network, bytes))
  const pixels = new Float32Array(chips.flatMap((chip) => [...chip]))
  const { features } = await session.run({
    pixels: new Tensor('float32', pixels, [chips.length, 3, 112, 112]),
  })
  await session.release()
  const [count, width] = features!.dims as [number, number]
  expect(count).toBe(chips.length)
  const data = features!.data as Float32Array
  return chips.map((_, i) => data.subarray(i * width, (i + 1) * width))
}

/** The faces of the golden photos, as the pack cuts them: RGB 0..255, plane by plane. */
async function alignedFaces(): Promise<Float32Array[]> {
  const { chip } = manifestOf(PACK).recognizers[0]!
  if (chip.kind !== 'five-points') throw new Error('another chip was expected')
  return Promise.all(
    GOLDEN.faces.map(async ({ photo, points }) => {
      const picture = sharp(join(shared ?? '', 'photos', photo))
        .removeAlpha()
        .raw()
      const { data, info } = await picture.toBuffer({ resolveWithObject: true })
      const pixels = { data: new Uint8Array(data), width: info.width, height: info.height }
      const [a, b, c, d, e] = points.map(([x, y]) => ({ x, y }))
      const toPicture = fivePointChipToPicture([a!, b!, c!, d!, e!], chip)
      const views = [{ dx: 0, dy: 0, scale: 1, rotation: 0 }]
      return cutChips(pixels, { toPicture, side: chip.side }, { mirrored: false, views }).planes
    }),
  )
}

/** Smooth waves of color: no face, but the same on every machine. */
function waves(seed: number): Float32Array {
  const area = 112 * 112
  return Float32Array.from({ length: 3 * area }, (_, i) => {
    const [x, y] = [(i % area) % 112, Math.floor((i % area) / 112)]
    const phase = seed + Math.floor(i / area)
    return Math.round(127.5 + 60 * Math.sin(x / 9 + phase) + 60 * Math.cos(y / 7 - 2 * phase))
  })
}

function cosine(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length)
  const dot = (x: Float32Array, y: Float32Array) => x.reduce((sum, value, i) => sum + value * y[i]!, 0)
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))
}

describe("a compiled network gives what its original's own runtime gives", () => {
  it.for([
    { name: 'waves', golden: GOLDEN.waves, skip: false },
    { name: 'aligned faces', golden: GOLDEN.faces, skip: shared === null },
  ])('of MobileFaceNet, on $name', async ({ name, golden, skip }, context) => {
    if (skip) context.skip('there are no photos')
    const bytes = original('mobile-facenet', context)
    const chips = name === 'waves' ? GOLDEN.waves.map(({ seed }) => waves(seed)) : await alignedFaces()
    const given = await runCompiled('mobile-facenet', bytes, chips)
    const cosines = given.map((features, i) => cosine(features, golden[i]!.features))
    expect(Math.min(...cosines)).toBeGreaterThanOrEqual(COSINE)
  })

  it('of fr_feature, on aligned faces and on waves', async (context) => {
    const bytes = original('fr-feature', context)
    const chips = [waves(1), waves(2), ...(shared === null ? [] : await alignedFaces())]
    const given = await runCompiled('fr-feature', bytes, chips)
    const session = await openSession(bytes)
    for (const [i, chip] of chips.entries()) {
      const input = new Tensor(
        'float32',
        chip.map((value) => (value - 127) / 128),
        [1, 3, 112, 112],
      )
      const { output } = await session.run({ input })
      expect(cosine(given[i]!, output!.data as Float32Array)).toBeGreaterThanOrEqual(COSINE)
    }
    await session.release()
  })
})

describe.each(NETWORKS)('compileFile: $network', ({ network, role }) => {
  it('gives the bytes that both packs promise', (context) => {
    const sum = sha256Of(compileFile(network, original(network, context)))
    const promised = [PACK, 'builtin-light'].map((pack) => manifestOf(pack).files[role]?.sha256)
    expect(promised.filter((each) => each !== undefined && each !== sum)).toEqual([])
  })

  it('describes a picture alike alone and in a batch', async (context) => {
    const bytes = original(network, context)
    const [alone] = await runCompiled(network, bytes, [waves(1)])
    const [, among] = await runCompiled(network, bytes, [waves(2), waves(1), waves(3)])
    expect(cosine(alone!, among!)).toBeGreaterThan(0.999999)
  })

  it('refuses a file that is cut off, and never runs away with a damaged one', (context) => {
    const bytes = original(network, context)
    const tables = bytes.length - 5_000
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bytes.length - 100 }), (length) => {
        expect(() => compileFile(network, bytes.subarray(0, length))).toThrow(Error)
      }),
      { numRuns: 15 },
    )
    const damage = fc.array(fc.tuple(fc.nat(5_000 - 1), fc.nat(255)), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(damage, fc.constantFrom(0, tables), (changes, from) => {
        const damaged = Buffer.from(bytes)
        for (const [at, value] of changes) damaged[from + at] = value
        try {
          compileFile(network, damaged)
        } catch (fault) {
          expect(fault).toBeInstanceOf(Error)
        }
      }),
      { numRuns: 25 },
    )
  })
})

it('refuses the files of one another', (context) => {
  const [m, f] = [original('mobile-facenet', context), original('fr-feature', context)]
  expect(() => compileFile('mobile-facenet', f)).toThrow('mobile-facenet: ')
  expect(() => compileFile('fr-feature', m)).toThrow('fr-feature: ')
})
