import { PbfReader } from 'pbf'
import type { WeightTensor } from '../named-weights.ts'

/** Numbers of a tensor: weights, or whole numbers such as a shape. */
export type OnnxTensor =
  | ({ readonly kind: 'floats' } & WeightTensor)
  | { readonly kind: 'integers'; readonly dims: readonly number[]; readonly data: readonly number[] }

export interface OnnxAttributes {
  readonly float: ReadonlyMap<string, number>
  readonly integer: ReadonlyMap<string, number>
  readonly integers: ReadonlyMap<string, readonly number[]>
  readonly tensor: ReadonlyMap<string, OnnxTensor>
}

export interface OnnxOperation {
  readonly operator: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: OnnxAttributes
}

/** What is wanted of an ONNX file to translate it. */
export interface OnnxFile {
  readonly operations: readonly OnnxOperation[]
  readonly constants: ReadonlyMap<string, OnnxTensor>
  /** Names of what must be given to it; its constants are not among them. */
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
}

/** `onnx.TensorProto.DataType`. */
const FLOAT32 = 1
const INT64 = 7

/** Reads an ONNX file. Throws where it is none, ends early, or has weights of a kind that is not known here. Field numbers
 *  are those of `onnx.proto3`; what is not needed is passed over. */
export function readOnnx(source: string, bytes: Uint8Array): OnnxFile {
  try {
    const graphs: OnnxFile[] = []
    const reader = new PbfReader(bytes)
    reader.readFields((field) => {
      if (field === 7) graphs.push(readGraph(reader))
    }, null)
    const [graph, ...others] = graphs
    if (graph === undefined || others.length > 0) throw new Error('the file has not one graph')
    return graph
  } catch (fault) {
    const why = fault instanceof Error ? fault.message : String(fault)
    throw new Error(`${source}: the file is not an ONNX file as it was expected (${why}).`, { cause: fault })
  }
}

function readGraph(reader: PbfReader): OnnxFile {
  const operations: OnnxOperation[] = []
  const constants = new Map<string, OnnxTensor>()
  const inputs: string[] = []
  const outputs: string[] = []
  readMessage(reader, (field) => {
    if (field === 1) operations.push(readOperation(reader))
    else if (field === 5) {
      const { name, tensor } = readTensor(reader)
      constants.set(name, tensor)
    } else if (field === 11) inputs.push(readName(reader))
    else if (field === 12) outputs.push(readName(reader))
  })
  return { operations, constants, inputs: inputs.filter((name) => !constants.has(name)), outputs }
}

function readOperation(reader: PbfReader): OnnxOperation {
  const inputs: string[] = []
  const outputs: string[] = []
  let operator = ''
  const attributes = {
    float: new Map<string, number>(),
    integer: new Map<string, number>(),
    integers: new Map<string, readonly number[]>(),
    tensor: new Map<string, OnnxTensor>(),
  }
  readMessage(reader, (field) => {
    if (field === 1) inputs.push(reader.readString())
    else if (field === 2) outputs.push(reader.readString())
    else if (field === 4) operator = reader.readString()
    else if (field === 5) readAttribute(reader, attributes)
  })
  return { operator, inputs, outputs, attributes }
}

type Collected = {
  readonly [Kind in keyof OnnxAttributes]: OnnxAttributes[Kind] extends ReadonlyMap<string, infer V>
    ? Map<string, V>
    : never
}

function readAttribute(reader: PbfReader, into: Collected): void {
  let name = ''
  const integers: number[] = []
  let keep = (): void => {}
  readMessage(reader, (field) => {
    if (field === 1) name = reader.readString()
    else if (field === 2) {
      const value = reader.readFloat()
      keep = () => into.float.set(name, value)
    } else if (field === 3) {
      const value = reader.readVarint(true)
      keep = () => into.integer.set(name, value)
    } else if (field === 5) {
      const { tensor } = readTensor(reader)
      keep = () => into.tensor.set(name, tensor)
    } else if (field === 8) {
      reader.readPackedVarint(integers, true)
      keep = () => into.integers.set(name, integers)
    }
  })
  keep()
}

function readTensor(reader: PbfReader): { readonly name: string; readonly tensor: OnnxTensor } {
  const dims: number[] = []
  let name = ''
  let type = 0
  let bytes = new Uint8Array()
  readMessage(reader, (field) => {
    if (field === 1) reader.readPackedVarint(dims, true)
    else if (field === 2) type = reader.readVarint()
    else if (field === 8) name = reader.readString()
    else if (field === 9) bytes = new Uint8Array(reader.readBytes())
  })
  return { name, tensor: numbersOf({ name, type, dims, bytes }) }
}

type Raw = {
  readonly name: string
  readonly type: number
  readonly dims: readonly number[]
  readonly bytes: Uint8Array
}

/** Numbers that do not lie as plain bytes, as other exporters write them, count as missing. */
function numbersOf({ name, type, dims, bytes }: Raw): OnnxTensor {
  const count = dims.reduce((product, size) => product * size, 1)
  const width = type === FLOAT32 ? 4 : type === INT64 ? 8 : 0
  if (width === 0) throw new Error(`'${name}' has numbers of the kind ${type}`)
  if (bytes.length !== count * width)
    throw new Error(`'${name}' has ${bytes.length} bytes, not ${count * width}`)
  const { buffer } = new Uint8Array(bytes)
  return width === 4
    ? { kind: 'floats', dims, data: new Float32Array(buffer) }
    : { kind: 'integers', dims, data: Array.from(new BigInt64Array(buffer), Number) }
}

function readName(reader: PbfReader): string {
  let name = ''
  readMessage(reader, (field) => {
    if (field === 1) name = reader.readString()
  })
  return name
}

/** Reads the fields of the message that begins here. A message that claims to end behind the file is refused. */
function readMessage(reader: PbfReader, readField: (field: number) => void): void {
  const end = reader.readVarint() + reader.pos
  if (end > reader.length) throw new RangeError('a part is longer than the file')
  reader.readFields((field) => readField(field), null, end)
}
