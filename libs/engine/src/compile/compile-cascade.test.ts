import { describe, expect, it } from 'vitest'
import { InferenceSession, Tensor } from '../inference-thread/onnx-runtime.ts'
import { sha256Of } from '../packs/sha256.ts'
import { manifestOf, tarballNetworks } from '../testing/tarball-networks.ts'
import { compileFile } from './compile-network.ts'

const PACK = 'builtin@2'
const NETWORKS = [
  { network: 'rfb-320', role: 'detector' },
  { network: 'mtcnn-rnet', role: 'refiner' },
  { network: 'mtcnn-onet', role: 'judge' },
  { network: 'fr-landmark', role: 'landmarks' },
] as const

const original = tarballNetworks(PACK, NETWORKS)

/** The same on every machine. */
function colors(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + Math.floor(i / 257) * 17) % 256)
}

function largestDifference(one: Tensor | undefined, other: Tensor | undefined): number {
  const [a, b] = [one?.data as Float32Array, other?.data as Float32Array]
  expect(a.length).toBe(b.length)
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - (b[i] ?? Number.NaN))), 0)
}

it.for(NETWORKS)('$network has the bytes that both packs promise', ({ network, role }, context) => {
  const sum = sha256Of(compileFile(network, original(network, context)))
  for (const pack of [PACK, 'builtin-light']) expect(manifestOf(pack).files[role]?.sha256).toBe(sum)
})

describe('a compiled network gives what its original gives', () => {
  it('of RFB-320, at the only size that the original takes', async (context) => {
    const bytes = original('rfb-320', context)
    const [width, height] = [320, 240]
    const area = width * height
    const pixels = colors(3 * area)
    const planes = Float32Array.from(
      { length: 3 * area },
      (_, i) => ((pixels[3 * (i % area) + Math.floor(i / area)] ?? 0) - 127) / 128,
    )
    const session = await InferenceSession.create(compileFile('rfb-320', bytes))
    const ours = await session.run({ pixels: new Tensor('uint8', pixels, [1, height, width, 3]) })
    const theirs = await (await InferenceSession.create(bytes)).run({
      input: new Tensor('float32', planes, [1, 3, height, width]),
    })
    expect(largestDifference(ours.scores as Tensor, theirs.scores as Tensor)).toBeLessThan(1e-4)
  })

  it('of fr_landmark, a crop alone and in a batch', async (context) => {
    const bytes = original('fr-landmark', context)
    const area = 64 * 64
    const pixels = Float32Array.from(colors(3 * area))
    const at = (i: number): number => pixels[i] ?? 0
    const grey = Float32Array.from(
      { length: area },
      (_, i) => (0.299 * at(i) + 0.587 * at(i + area) + 0.114 * at(i + 2 * area)) / 256,
    )
    const session = await InferenceSession.create(compileFile('fr-landmark', bytes))
    const two = new Float32Array([...pixels, ...pixels.toReversed()])
    const ours = await session.run({ pixels: new Tensor('float32', two, [2, 3, 64, 64]) })
    const theirs = await (await InferenceSession.create(bytes)).run({
      input: new Tensor('float32', grey, [1, 1, 64, 64]),
    })
    const first = (ours.points?.data as Float32Array).slice(0, 136)
    expect(largestDifference(new Tensor('float32', first, [1, 136]), theirs.output as Tensor)).toBeLessThan(
      1e-5,
    )
  })
})

describe('the judges', () => {
  it.for([
    { network: 'mtcnn-rnet', side: 24 },
    { network: 'mtcnn-onet', side: 48 },
  ] as const)('$network says of each crop the same alone and in a batch', async ({
    network,
    side,
  }, context) => {
    const session = await InferenceSession.create(compileFile(network, original(network, context)))
    const values = 3 * side * side
    const crops = Float32Array.from(colors(3 * values))
    const together = await session.run({ pixels: new Tensor('float32', crops, [3, 3, side, side]) })
    const second = crops.slice(values, 2 * values)
    const alone = await session.run({ pixels: new Tensor('float32', second, [1, 3, side, side]) })
    const [no, yes] = alone.logits?.data as Float32Array
    expect((together.logits?.data as Float32Array)[2]).toBeCloseTo(no ?? Number.NaN, 3)
    expect((together.logits?.data as Float32Array)[3]).toBeCloseTo(yes ?? Number.NaN, 3)
  })
})

it('a file of another network is refused', (context) => {
  const [rfb, onet] = [original('rfb-320', context), original('mtcnn-onet', context)]
  expect(() => compileFile('rfb-320', onet)).toThrow('rfb-320: ')
  expect(() => compileFile('mtcnn-onet', rfb)).toThrow('mtcnn-onet: ')
  expect(() => compileFile('fr-landmark', rfb)).toThrow('fr-landmark: ')
  expect(() => compileFile('mtcnn-rnet', onet)).toThrow('mtcnn-rnet: ')
})
