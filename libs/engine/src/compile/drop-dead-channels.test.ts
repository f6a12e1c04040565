import { describe, expect, it } from 'vitest'
import { InferenceSession, Tensor } from '../inference-thread/onnx-runtime.ts'
import { dropDeadChannels } from './onnx-file/drop-dead-channels.ts'
import type { OnnxFile, OnnxOperation, OnnxTensor } from './onnx-file/read-onnx.ts'
import { OnnxTranslation } from './onnx-file/translate-onnx.ts'
import { OnnxGraph } from './onnx-graph.ts'
import { writeOnnx } from './onnx-writer.ts'

const CHANNELS = 48

function operation(
  operator: string,
  [output = '', ...inputs]: readonly string[],
  integers: Readonly<Record<string, readonly number[]>> = {},
): OnnxOperation {
  const group = output === 'd' ? CHANNELS : 1
  const integer = new Map(operator === 'Conv' ? [['group', group]] : [])
  const attributes = {
    float: new Map(),
    integer,
    integers: new Map(Object.entries(integers)),
    tensor: new Map(),
  }
  return { operator, inputs, outputs: [output], attributes }
}

/** Weights that look like chance and are the same each time. */
function weights(dims: readonly number[]): OnnxTensor & { readonly kind: 'floats' } {
  const size = dims.reduce((product, side) => product * side, 1)
  return { kind: 'floats', dims, data: Float32Array.from({ length: size }, (_, i) => Math.sin(i * i + size)) }
}

/** A bottleneck whose depthwise filters from number `from` on, of so many, are dead. */
function bottleneck(from: number, dead: number): OnnxFile {
  const filters = weights([CHANNELS, 1, 3, 3])
  filters.data.fill(1e-13, from * 9, (from + dead) * 9)
  const same = { pads: [1, 1, 1, 1], kernel_shape: [3, 3] }
  return {
    operations: [
      operation('Conv', ['a', 'x', 'w1', 'b1'], same),
      operation('PRelu', ['b', 'a', 's1']),
      operation('Conv', ['d', 'b', 'w2', 'b2'], same),
      operation('PRelu', ['e', 'd', 's2']),
      operation('Conv', ['y', 'e', 'w3', 'b3'], { kernel_shape: [1, 1], pads: [0, 0, 0, 0] }),
    ],
    constants: new Map<string, OnnxTensor>([
      ['w1', weights([CHANNELS, 3, 3, 3])],
      ['b1', weights([CHANNELS])],
      ['s1', weights([CHANNELS, 1, 1])],
      ['w2', filters],
      ['b2', weights([CHANNELS])],
      ['s2', weights([CHANNELS, 1, 1])],
      ['w3', weights([8, CHANNELS, 1, 1])],
      ['b3', weights([8])],
    ]),
    inputs: ['x'],
    outputs: ['y'],
  }
}

async function answerOf(file: OnnxFile): Promise<Float32Array> {
  const graph = new OnnxGraph('bottleneck')
  const x = graph.input({ name: 'x', elementType: 'float32', dims: ['batch', 3, 8, 8] })
  graph.output('y', new OnnxTranslation(graph, file, x).valueOf('y'), ['batch', 8, 8, 8])
  const session = await InferenceSession.create(writeOnnx(graph.toModel()), { intraOpNumThreads: 1 })
  const pixels = Float32Array.from({ length: 2 * 3 * 64 }, (_, i) => Math.cos(i))
  const { y } = await session.run({ x: new Tensor('float32', pixels, [2, 3, 8, 8]) })
  await session.release()
  return y!.data as Float32Array
}

const channelsOf = (file: OnnxFile) =>
  ['w1', 'b1', 's1', 'w2', 'b2', 's2', 'w3', 'b3'].map((name) => file.constants.get(name)?.dims.slice(0, 2))

describe('dropDeadChannels', () => {
  it('leaves whole blocks of channels, and the answer as it is', async () => {
    const whole = bottleneck(5, 20)
    const narrow = dropDeadChannels(whole)
    expect(channelsOf(narrow)).toEqual([[32, 3], [32], [32, 1], [32, 1], [32], [32, 1], [8, 32], [8]])
    expect(narrow.operations[2]?.attributes.integer.get('group')).toBe(32)
    const [before, after] = [await answerOf(whole), await answerOf(narrow)]
    expect(Math.max(...before.map((value, i) => Math.abs(value - after[i]!)))).toBeLessThan(1e-4)
    expect(Math.max(...before.map(Math.abs))).toBeGreaterThan(1)
  })

  it.each([
    ['has less than a block of dead channels', bottleneck(0, 15)],
    ['is read in between', { ...bottleneck(5, 20), outputs: ['y', 'd'] }],
    [
      'ends in a convolution that sees edges',
      {
        ...bottleneck(5, 20),
        operations: bottleneck(5, 20).operations.with(
          4,
          operation('Conv', ['y', 'e', 'w3', 'b3'], { kernel_shape: [1, 1], pads: [1, 1, 1, 1] }),
        ),
      },
    ],
  ])('leaves one alone that %s', (_, file) => {
    expect(channelsOf(dropDeadChannels(file))).toEqual(channelsOf(file))
  })
})
