import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findSharedData } from '@semblance/testkit'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OnnxGraph } from '../compile/onnx-graph.ts'
import { writeOnnx } from '../compile/onnx-writer.ts'
import { type OpenedPack, openPack } from '../packs/open-pack.ts'
import { missingTarball } from '../testing/tarball-networks.ts'
import { type EngineDeath, openOnnxFaceEngine } from './open-onnx-face-engine.ts'

const MODELS = join(import.meta.dirname, '../../../../models')
const shared = findSharedData()
const PHOTO = 'photos/ageitgey-face_recognition/examples/obama.jpg'
const limits = { maxPixels: 50_000_000, maxFaces: 64 }

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unsound-networks-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** What a made network takes, and how many numbers it gives for each of a batch. */
interface MadeNetwork {
  readonly input: string
  readonly outputs: Readonly<Record<string, number>>
}

/** A network that gives `value` in every place, whatever it sees. */
function constantNetwork({ input, outputs }: MadeNetwork, value: number): Uint8Array {
  const graph = new OnnxGraph('unsound')
  const dims = ['batch', 3, 'height', 'width']
  const pixels = graph.input({ name: input, elementType: 'float32', dims })
  const nothing = graph.node('Mul', [graph.globalMean(pixels), graph.floats([], Float32Array.of(0))])
  for (const [name, width] of Object.entries(outputs)) {
    const none = graph.node('MatMul', [nothing, graph.floats([3, width], new Float32Array(3 * width))])
    const all = graph.node('Add', [none, graph.floats([], Float32Array.of(value))])
    graph.output(name, all, ['batch', width])
  }
  return writeOnnx(graph.toModel())
}

async function withNetwork(pack: OpenedPack, role: string, bytes: Uint8Array): Promise<OpenedPack> {
  const path = join(folder, `${role}-${Math.random()}.onnx`)
  await writeFile(path, bytes)
  return { ...pack, files: { ...pack.files, [role]: path } }
}

/** Every way into the engine, one after the other, with one photo of a person. */
async function faultsOf(pack: OpenedPack): Promise<readonly unknown[]> {
  const bytes = await readFile(join(shared ?? '', PHOTO))
  const engine = await openOnnxFaceEngine({ pack, threads: 1, limits, observe: () => {} })
  try {
    const found = { faces: 'central', effort: 'rich', crop: null } as const
    const examined = {
      faces: 'all',
      crop: null,
      measurePixels: false,
      needsFaceCount: false,
      attributes: ['age', 'emotion'],
      judgeFaces: true,
    } as const
    const caught = (call: Promise<unknown>) => call.catch((fault: unknown) => fault)
    return [
      await caught(engine.findFaces(bytes, found, { lane: 'enroll' })),
      await caught(engine.findFaces(bytes, { ...found, faces: 'all', effort: 'cheap' }, { lane: 'search' })),
      await caught(engine.examineFaces(bytes, examined, { lane: 'search' })),
    ]
  } finally {
    await engine.close()
  }
}

const NETWORKS: readonly (readonly [pack: string, role: string, value: number, network: MadeNetwork])[] = [
  ['builtin-light', 'descriptor-m', Number.NaN, { input: 'pixels', outputs: { features: 192 } }],
  ['builtin-light', 'landmarks', Number.POSITIVE_INFINITY, { input: 'pixels', outputs: { points: 136 } }],
  ['builtin-light', 'refiner', Number.NEGATIVE_INFINITY, { input: 'pixels', outputs: { logits: 2 } }],
  ['builtin-light', 'judge', Number.NaN, { input: 'pixels', outputs: { logits: 2 } }],
  ['builtin@2', 'descriptor-f', Number.NEGATIVE_INFINITY, { input: 'pixels', outputs: { features: 512 } }],
  ['builtin@2', 'descriptor-a', Number.NaN, { input: 'pixels', outputs: { features: 128 } }],
]

describe.skipIf(shared === null)('a network that is unsound', () => {
  it.each(NETWORKS)('of the pack %s, %s, which gives %d, is a fault', async (...[
    name,
    role,
    value,
    network,
  ]) => {
    const missing = await missingTarball(name)
    if (missing !== null) return expect(missing).toContain('npm cannot fetch it')
    const pack = await openPack({ packsFolder: MODELS, modelsFolder: join(MODELS, '.cache'), packId: name })
    const { id, version } = pack.manifest
    const made = await withNetwork(pack, role, constantNetwork(network, value))
    const said = `^the face engine failed: network ${role} of model pack ${id}@${version} does not give .* not finite$`
    for (const fault of await faultsOf(made))
      expect(fault).toMatchObject({
        code: 'E_ENGINE_FAILED',
        message: expect.stringMatching(new RegExp(said)),
      })
  }, 60_000)
})

it.each([
  'builtin',
  'builtin@2',
  'builtin-light',
])('the pack %s answers to a picture of our own', async (packId) => {
  const missing = await missingTarball(packId)
  if (missing !== null) return expect(missing).toContain('npm cannot fetch it')
  const pack = await openPack({ packsFolder: MODELS, modelsFolder: join(MODELS, '.cache'), packId })
  const engine = await openOnnxFaceEngine({ pack, threads: 1, limits, observe: () => {} })
  try {
    await engine.tryOut(AbortSignal.timeout(30_000))
    engine.check()
  } finally {
    await engine.close()
  }
}, 60_000)

it('with such a network an engine whose threads live is found dead', async () => {
  const missing = await missingTarball('builtin-light')
  if (missing !== null) return expect(missing).toContain('npm cannot fetch it')
  const folders = { packsFolder: MODELS, modelsFolder: join(MODELS, '.cache') }
  const sound = await openPack({ ...folders, packId: 'builtin-light' })
  const network = { input: 'pixels', outputs: { features: 192 } }
  const broken = await withNetwork(sound, 'descriptor-m', constantNetwork(network, Number.NaN))
  const told: EngineDeath[] = []
  const onDead = (death: EngineDeath) => void told.push(death)
  const engine = await openOnnxFaceEngine({ pack: broken, threads: 1, limits, observe: () => {}, onDead })
  try {
    for (let n = 0; n < 5; n++) {
      engine.check()
      const look = engine.tryOut(AbortSignal.timeout(30_000))
      await expect(look).rejects.toMatchObject({ code: 'E_ENGINE_FAILED' })
    }
    await expect.poll(() => told[0], { timeout: 20_000 }).toMatchObject({ provider: 'cpu', trials: 1 })
    expect(() => engine.check()).toThrow('network descriptor-m')
    expect(engine.isDead).toBe(true)
    // It is no fault of the picture, which nobody has looked at.
    const create = { width: 40, height: 40, channels: 3, background: 'gray' } as const
    const picture = await sharp({ create }).png().toBuffer()
    const work = { lane: 'bulk' } as const
    const asked = { faces: 'central', effort: 'rich', crop: null } as const
    await expect(engine.findFaces(picture, asked, work)).rejects.toMatchObject({
      code: 'E_ENGINE_UNAVAILABLE',
      retryable: true,
      retryAfterSeconds: 5,
      message: expect.stringContaining('network descriptor-m'),
    })
    // What needs no network goes on.
    const smaller = { width: 20, height: null, quality: 80 }
    expect(await engine.resize(picture, smaller, work)).toMatchObject({ picture: { width: 20 } })
  } finally {
    await engine.close()
  }
}, 60_000)
