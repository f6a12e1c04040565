import type { WeightTensor } from '../named-weights.ts'
import type { OnnxFile, OnnxOperation, OnnxTensor } from './read-onnx.ts'

/** A depthwise filter without a weight beyond this gives its bias, whatever it sees: what it sees is of the order of one. */
const DEAD_BELOW = 1e-10

/** The runtime's blocks of channels are of 8 or 16. */
const BLOCK = 16

/** A convolution, a depthwise one and one of 1 x 1, each after the first behind a PReLU: no one else reads what is between them. */
interface Bottleneck {
  readonly wide: OnnxOperation
  readonly slopesBefore: string
  readonly depthwise: OnnxOperation
  readonly slopesAfter: string
  readonly narrow: OnnxOperation
}

/**
 * The same network without the channels that say nothing: those whose depthwise filter died in training. What they give is a
 * constant, which goes into the bias behind them. Whole blocks of channels are left, so that a few dead ones may stay.
 */
export function dropDeadChannels(file: OnnxFile): OnnxFile {
  const constants = new Map(file.constants)
  const narrowed = new Map<OnnxOperation, OnnxOperation>()
  for (const bottleneck of bottlenecksOf(file)) {
    const living = livingChannels(bottleneck, constants)
    if (living === null) continue
    const { wide, slopesBefore, depthwise, slopesAfter, narrow } = bottleneck
    foldConstants(bottleneck, new Set(living), constants)
    for (const name of [...wide.inputs.slice(1), slopesBefore, ...depthwise.inputs.slice(1), slopesAfter])
      constants.set(name, pick(floats(constants, name), living, 0))
    const [, filters = ''] = narrow.inputs
    constants.set(filters, pick(floats(constants, filters), living, 1))
    const integer = new Map(depthwise.attributes.integer).set('group', living.length)
    narrowed.set(depthwise, { ...depthwise, attributes: { ...depthwise.attributes, integer } })
  }
  return { ...file, constants, operations: file.operations.map((one) => narrowed.get(one) ?? one) }
}

function bottlenecksOf({ operations, outputs }: OnnxFile): readonly Bottleneck[] {
  const readers = Map.groupBy(
    operations.flatMap((one) => one.inputs.map((name) => ({ name, one }))),
    ({ name }) => name,
  )
  const onlyReader = (maker: OnnxOperation | null, operator: string): OnnxOperation | null => {
    const [output = ''] = maker?.outputs ?? []
    const [reader, ...others] = readers.get(output) ?? []
    const isAlone = reader !== undefined && others.length === 0 && !outputs.includes(output)
    return isAlone && reader.one.operator === operator && reader.one.inputs[0] === output ? reader.one : null
  }
  return operations.flatMap((wide) => {
    if (wide.operator !== 'Conv' || groupsOf(wide) !== 1) return []
    const before = onlyReader(wide, 'PRelu')
    const depthwise = onlyReader(before, 'Conv')
    const after = onlyReader(depthwise, 'PRelu')
    const narrow = onlyReader(after, 'Conv')
    if (before === null || depthwise === null || after === null || narrow === null) return []
    if (groupsOf(depthwise) === 1 || groupsOf(narrow) !== 1 || !isPointwise(narrow)) return []
    const [slopesBefore = '', slopesAfter = ''] = [before.inputs[1], after.inputs[1]]
    return [{ wide, slopesBefore, depthwise, slopesAfter, narrow }]
  })
}

function groupsOf({ attributes }: OnnxOperation): number {
  return attributes.integer.get('group') ?? 1
}

/** One that sees the constant everywhere, at the edges as well. */
function isPointwise({ inputs, attributes }: OnnxOperation): boolean {
  const isOne = (attributes.integers.get('kernel_shape') ?? []).every((side) => side === 1)
  const isBare = (attributes.integers.get('pads') ?? []).every((pad) => pad === 0)
  return inputs.length === 3 && isOne && isBare
}

/** By their numbers; null: all of them. */
function livingChannels(
  { depthwise }: Bottleneck,
  constants: ReadonlyMap<string, OnnxTensor>,
): readonly number[] | null {
  const { dims, data } = floats(constants, depthwise.inputs[1])
  const [channels = 0] = dims
  const size = data.length / channels
  const isDead = (channel: number) =>
    data.subarray(channel * size, (channel + 1) * size).every((weight) => Math.abs(weight) < DEAD_BELOW)
  const all = Array.from({ length: channels }, (_, channel) => channel)
  const dead = all.filter(isDead)
  const room = Math.floor(dead.length / BLOCK) * BLOCK
  const gone = new Set(dead.slice(dead.length - room))
  return room === 0 || room === channels ? null : all.filter((channel) => !gone.has(channel))
}

/** Adds what the channels that go give to the bias behind them. */
function foldConstants(
  { depthwise, slopesAfter, narrow }: Bottleneck,
  living: ReadonlySet<number>,
  constants: Map<string, OnnxTensor>,
): void {
  const [, filters = '', offsets = ''] = narrow.inputs
  const [given, slopes] = [biasOf(depthwise, constants), floats(constants, slopesAfter).data]
  const { dims, data } = floats(constants, filters)
  const [outputs = 0, channels = 0] = dims
  const bias = floats(constants, offsets)
  const folded = bias.data.slice()
  for (let channel = 0; channel < channels; channel++) {
    if (living.has(channel)) continue
    const bare = given?.[channel] ?? 0
    const value = bare < 0 ? bare * (slopes[channel] ?? 0) : bare
    for (let output = 0; output < outputs; output++)
      folded[output] = (folded[output] ?? 0) + value * (data[output * channels + channel] ?? 0)
  }
  constants.set(offsets, { kind: 'floats', dims: bias.dims, data: folded })
}

function biasOf(
  { inputs }: OnnxOperation,
  constants: ReadonlyMap<string, OnnxTensor>,
): Float32Array | undefined {
  return inputs[2] === undefined ? undefined : floats(constants, inputs[2]).data
}

/** The tensor with these places of one axis alone. */
function pick({ dims, data }: WeightTensor, places: readonly number[], axis: 0 | 1): OnnxTensor {
  const along = dims[axis] ?? 1
  const outer = axis === 0 ? 1 : (dims[0] ?? 1)
  const inner = data.length / along / outer
  const picked = new Float32Array(outer * places.length * inner)
  for (let row = 0; row < outer; row++)
    for (const [to, place] of places.entries())
      picked.set(
        data.subarray((row * along + place) * inner, (row * along + place + 1) * inner),
        (row * places.length + to) * inner,
      )
  return { kind: 'floats', dims: dims.with(axis, places.length), data: picked }
}

function floats(constants: ReadonlyMap<string, OnnxTensor>, name: string | undefined): WeightTensor {
  const tensor = constants.get(name ?? '')
  if (tensor?.kind !== 'floats') throw new Error(`'${name}' is not a weight in float32`)
  return tensor
}
