import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { compileFunction } from 'node:vm'
import { findSharedData } from '@semblance/testkit'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { decodeSsdBoxes } from '../inference-thread/detect/ssd-boxes.ts'
import { InferenceSession, Tensor } from '../inference-thread/onnx-runtime.ts'
import { packManifestSchema, type SsdDetector } from '../packs/pack-manifest.ts'
import { packageFolder } from '../packs/package-folder.ts'
import { compileNetwork, type NetworkName } from './compile-network.ts'

const ROOT = join(import.meta.dirname, '../../../..')
const shared = findSharedData()
const PHOTO = join(shared ?? '', 'photos/espressif-esp-dl/bill1.jpg')
const MANIFEST = packManifestSchema.parse(
  JSON.parse(readFileSync(join(ROOT, 'models/builtin/pack.json'), 'utf8')),
)
const DETECTOR = MANIFEST.detector as SsdDetector

// The parts of the packages' own runtime (TensorFlow.js within face-api) that the comparison uses.
type RuntimeTensor = { dataSync(): Float32Array }
type Weights = Record<string, RuntimeTensor>
type NetInput = { toBatchTensor(): RuntimeTensor }
type RuntimeNet<Result> = {
  loadFromWeightMap(weights: Weights): void
  forwardInput(input: NetInput): Result
  runNet(input: RuntimeTensor | NetInput): RuntimeTensor
}
type Runtime = {
  readonly tf: {
    env(): { setPlatform(name: string, platform: object): void }
    setBackend(name: string): Promise<boolean>
    tensor4d(values: Float32Array, shape: readonly number[]): RuntimeTensor
    tensor3d(values: Float32Array, shape: readonly number[]): RuntimeTensor
    readonly io: {
      decodeWeights(bytes: ArrayBuffer, specs: readonly object[]): Weights
      fromMemory(artifacts: object): object
    }
    loadGraphModel(handler: object): Promise<{ execute(inputs: object, outputs: string[]): RuntimeTensor[] }>
  }
  readonly env: { setEnv(env: object): void }
  toNetInput(tensor: RuntimeTensor): Promise<NetInput>
  readonly nets: {
    readonly faceRecognitionNet: RuntimeNet<RuntimeTensor>
    readonly faceLandmark68Net: RuntimeNet<RuntimeTensor>
    readonly ssdMobilenetv1: RuntimeNet<{ boxes: RuntimeTensor[]; scores: RuntimeTensor[] }> & {
      readonly params: { output_layer: { extra_dim: RuntimeTensor } }
    }
  }
}

/** face-api's browser build on the plain JavaScript backend. It asks what it runs in and knows no Node without the
 *  native backend, so it is shown neither a Node nor a browser. */
async function loadRuntime(): Promise<Runtime> {
  const source = readFileSync(join(packageFolder('@vladmandic/face-api'), 'dist/face-api.js'), 'utf8')
  const load = compileFunction(`${source}\nreturn faceapi`, ['process', 'require', 'module', 'exports'])
  const runtime = load() as Runtime
  runtime.tf.env().setPlatform('plain', {
    now: () => performance.now(),
    encode: (text: string) => new TextEncoder().encode(text),
    decode: (bytes: Uint8Array) => new TextDecoder().decode(bytes),
    isTypedArray: (value: unknown) => ArrayBuffer.isView(value) && !(value instanceof DataView),
  })
  const absent = class {}
  const classes = ['Canvas', 'CanvasRenderingContext2D', 'Image', 'ImageData', 'Video']
  runtime.env.setEnv(Object.fromEntries(classes.map((name) => [name, absent])))
  await runtime.tf.setBackend('cpu')
  return runtime
}

function packageFiles(role: string) {
  const origin = MANIFEST.files[role]?.origin
  if (origin?.kind !== 'compiled') throw new Error(`no such file: ${role}`)
  const folder = packageFolder(origin.package)
  const json = readFileSync(join(folder, origin.json.path), 'utf8')
  return { network: origin.network, json, bin: new Uint8Array(readFileSync(join(folder, origin.bin.path))) }
}

async function run(role: string, pixels: Tensor): Promise<Record<string, Tensor>> {
  const { network, ...files } = packageFiles(role)
  const session = await InferenceSession.create(compileNetwork(network, files), {
    intraOpNumThreads: 1,
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  })
  const results = await session.run({ pixels })
  await session.release()
  return results as Record<string, Tensor>
}

/** The photo's middle, where the face is: RGB, row by row. */
async function photoPixels(side: number): Promise<Uint8Array> {
  const { data } = await sharp(PHOTO)
    .resize(side, side)
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  return new Uint8Array(data)
}

function planes(pixels: Uint8Array, side: number): Tensor {
  const area = side * side
  const values = Float32Array.from(
    { length: 3 * area },
    (_, i) => pixels[(i % area) * 3 + Math.floor(i / area)]!,
  )
  return new Tensor('float32', values, [1, 3, side, side])
}

function cosine(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length)
  const dot = (x: Float32Array, y: Float32Array) => x.reduce((sum, value, i) => sum + value * y[i]!, 0)
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length)
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i]!)), 0)
}

describe.skipIf(shared === null)("a compiled network gives what the package's own runtime gives", () => {
  let runtime: Runtime

  beforeAll(async () => {
    runtime = await loadRuntime()
  })

  function faceApiWeights(role: string): Weights {
    const { json, bin } = packageFiles(role)
    const groups = JSON.parse(json) as { weights: object[] }[]
    const specs = groups.flatMap((group) => group.weights)
    return runtime.tf.io.decodeWeights(bin.buffer as ArrayBuffer, specs)
  }

  it('for descriptor A', async () => {
    const pixels = await photoPixels(150)
    const net = runtime.nets.faceRecognitionNet
    net.loadFromWeightMap(faceApiWeights('descriptor-a'))
    const tensor = runtime.tf.tensor4d(Float32Array.from(pixels), [1, 150, 150, 3])
    const expected = net.forwardInput(await runtime.toNetInput(tensor)).dataSync()
    const { features } = await run('descriptor-a', planes(pixels, 150))
    expect(features!.dims).toEqual([1, 128])
    expect(cosine(features!.data as Float32Array, expected)).toBeGreaterThan(0.99999)
    expect(largestDifference(features!.data as Float32Array, expected)).toBeLessThan(1e-5)
  })

  it('for the 68 landmarks', async () => {
    const pixels = await photoPixels(112)
    const net = runtime.nets.faceLandmark68Net
    net.loadFromWeightMap(faceApiWeights('landmarks'))
    const tensor = runtime.tf.tensor4d(Float32Array.from(pixels), [1, 112, 112, 3])
    const expected = net.runNet(await runtime.toNetInput(tensor)).dataSync()
    const { points } = await run('landmarks', planes(pixels, 112))
    expect(points!.dims).toEqual([1, 136])
    expect(largestDifference(points!.data as Float32Array, expected)).toBeLessThan(1e-5)
  })

  it('for descriptor B, age and sex', async () => {
    const pixels = await photoPixels(224)
    const { json, bin } = packageFiles('descriptor-b')
    const { modelTopology, weightsManifest } = JSON.parse(json)
    const weightSpecs = (weightsManifest as { weights: object[] }[]).flatMap((group) => group.weights)
    const handler = runtime.tf.io.fromMemory({ modelTopology, weightSpecs, weightData: bin.buffer })
    const model = await runtime.tf.loadGraphModel(handler)
    const means = [103.939, 116.779, 123.68]
    const bgr = Float32Array.from(pixels, (_, i) => pixels[i - (i % 3) + 2 - (i % 3)]! - means[i % 3]!)
    const nodes = ['global_pooling/Mean', 'age_pred/Softmax', 'gender_pred/Sigmoid']
    const expected = model.execute({ input_1: runtime.tf.tensor4d(bgr, [1, 224, 224, 3]) }, nodes)
    const { features, age, sex } = await run('descriptor-b', planes(pixels, 224))
    expect(features!.dims).toEqual([1, 1024])
    expect(cosine(features!.data as Float32Array, expected[0]!.dataSync())).toBeGreaterThan(0.99999)
    expect(Math.min(...(features!.data as Float32Array))).toBeGreaterThanOrEqual(0)
    expect(cosine(age!.data as Float32Array, expected[1]!.dataSync())).toBeGreaterThan(0.99999)
    expect(largestDifference(sex!.data as Float32Array, expected[2]!.dataSync())).toBeLessThan(1e-4)
  })

  it('for the expressions', async () => {
    const pixels = await photoPixels(64)
    const { json, bin } = packageFiles('emotion')
    const { modelTopology, weightsManifest } = JSON.parse(json)
    const weightSpecs = (weightsManifest as { weights: object[] }[]).flatMap((group) => group.weights)
    const handler = runtime.tf.io.fromMemory({ modelTopology, weightSpecs, weightData: bin.buffer })
    const model = await runtime.tf.loadGraphModel(handler)
    const grey = Float32Array.from({ length: 64 * 64 }, (_, i) => {
      const [red, green, blue] = pixels.subarray(3 * i, 3 * i + 3)
      return (0.2989 * red! + 0.587 * green! + 0.114 * blue!) / 127.5 - 1
    })
    // Two nodes, because for one the runtime gives no list.
    const nodes = ['Identity', 'StatefulPartitionedCall/model_1/predictions/Softmax']
    const [expected] = model.execute({ input_1: runtime.tf.tensor4d(grey, [1, 64, 64, 1]) }, nodes)
    const { expressions } = await run('emotion', planes(pixels, 64))
    expect(expressions!.dims).toEqual([1, 7])
    expect(largestDifference(expressions!.data as Float32Array, expected!.dataSync())).toBeLessThan(1e-5)
  })

  // A quarter of the trained size on each side: the package needs 13 seconds at 512 x 512, where it was compared by
  // hand. Its anchors are those of 512, so it is given the manifest's, in pixels; a test below compares the two.
  it('for the detector, decoded boxes and scores', async () => {
    const side = 128
    const pixels = await photoPixels(side)
    const net = runtime.nets.ssdMobilenetv1
    net.loadFromWeightMap(faceApiWeights('detector'))
    const anchors = anchorCorners(side)
    net.params.output_layer.extra_dim = runtime.tf.tensor3d(anchors, [1, anchors.length / 4, 4])
    const tensor = runtime.tf.tensor4d(Float32Array.from(pixels), [1, side, side, 3])
    const expected = net.forwardInput({ toBatchTensor: () => tensor })
    const { predictions } = await run('detector', new Tensor('uint8', pixels, [1, side, side, 3]))
    expect(predictions!.dims).toEqual([1, anchors.length / 4, 5])
    const all = { ...DETECTOR, minScore: 0 }
    const output = { predictions: predictions!.data as Float32Array, width: side, height: side }
    const boxes = decodeSsdBoxes(all, output)
    const scores = Float32Array.from(boxes, (box) => box.score)
    expect(largestDifference(scores, expected.scores[0]!.dataSync())).toBeLessThan(1e-4)
    expect(Math.max(...scores)).toBeGreaterThan(0.9)
    const corners = Float32Array.from(
      boxes.flatMap(({ box }) => [box.y, box.x, box.y + box.height, box.x + box.width]),
    )
    expect(largestDifference(corners, expected.boxes[0]!.dataSync())).toBeLessThan(0.01)
  })
})

/** The manifest's anchors for a square picture: top, left, bottom, right in pixels. */
function anchorCorners(side: number): Float32Array {
  const corners = DETECTOR.levels.flatMap(({ stride, anchors }) => {
    const cells = Math.ceil(side / stride)
    return Array.from({ length: cells * cells }, (_, cell) => {
      const x = ((cell % cells) + 0.5) * stride
      const y = (Math.floor(cell / cells) + 0.5) * stride
      return anchors.flatMap(([w, h]) => [y - h / 2, x - w / 2, y + h / 2, x + w / 2])
    }).flat()
  })
  return Float32Array.from(corners)
}

describe('compileNetwork', () => {
  it("finds the manifest's anchors in the detector's weights", () => {
    const { bin } = packageFiles('detector')
    const expected = new Float32Array(bin.slice(-5118 * 4 * 4).buffer).map((fraction) => fraction * 512)
    expect(largestDifference(anchorCorners(512), expected)).toBeLessThan(0.001)
  })

  it('gives the same bytes each time', () => {
    const { network, ...files } = packageFiles('landmarks')
    expect(Buffer.compare(compileNetwork(network, files), compileNetwork(network, files))).toBe(0)
  })

  it.each([
    'detector',
    'landmarks',
    'descriptor-a',
    'descriptor-b',
    'emotion',
  ])('refuses a cut-off weight file: %s', (role) => {
    const { network, json, bin } = packageFiles(role)
    expect(() => compileNetwork(network, { json, bin: bin.subarray(0, -1) })).toThrow(
      'weight file ends within',
    )
  })

  it.each(['landmarks', 'descriptor-b'])('refuses a weight file with bytes left over: %s', (role) => {
    const { network, json, bin } = packageFiles(role)
    expect(() => compileNetwork(network, { json, bin: new Uint8Array(bin.length + 1) })).toThrow(
      '1 bytes are left',
    )
  })

  it('refuses weights that the network does not use', () => {
    const { network, json, bin } = packageFiles('landmarks')
    const groups = JSON.parse(json) as { weights: object[] }[]
    groups[0]!.weights.push({ name: 'dense9/conv0/bias', shape: [0], dtype: 'float32' })
    expect(() => compileNetwork(network, { json: JSON.stringify(groups), bin })).toThrow(
      'not used: dense9/conv0/bias',
    )
  })

  it('refuses the weights of another network', () => {
    const { json, bin } = packageFiles('landmarks')
    const other: NetworkName = 'dlib-resnet'
    expect(() => compileNetwork(other, { json, bin })).toThrow("no weight 'conv32_down/conv/filters'")
  })
})
