import type { WeightTensor } from '../named-weights.ts'
import { FlatTable } from './flat-table.ts'

/** Kinds of operations by their number in TFLite's schema, `BuiltinOperator`. */
const OPERATIONS = {
  0: 'ADD',
  3: 'CONV_2D',
  4: 'DEPTHWISE_CONV_2D',
  9: 'FULLY_CONNECTED',
  17: 'MAX_POOL_2D',
  18: 'MUL',
  19: 'RELU',
  22: 'RESHAPE',
  41: 'SUB',
  42: 'DIV',
  47: 'EXP',
  59: 'NEG',
  74: 'SUM',
  82: 'REDUCE_MAX',
  101: 'ABS',
} as const

export type TfliteOperationKind = (typeof OPERATIONS)[keyof typeof OPERATIONS]

/** `TensorType` of the schema. */
const FLOAT32 = 0

export interface TfliteTensor {
  readonly name: string
  readonly dims: readonly number[]
  /** Null of one that is computed, and of whole numbers, such as a shape. */
  readonly weights: WeightTensor | null
}

export interface TfliteOperation {
  readonly kind: TfliteOperationKind
  /** Numbers of tensors. */
  readonly inputs: readonly number[]
  readonly outputs: readonly number[]
  /** Null where the kind has none. */
  readonly options: FlatTable | null
}

export interface TfliteModel {
  readonly tensors: readonly TfliteTensor[]
  readonly operations: readonly TfliteOperation[]
  /** Numbers of tensors. */
  readonly inputs: readonly number[]
  readonly outputs: readonly number[]
}

/** Reads a `.tflite` file (schema 3) with one graph and weights in float32. Throws where the file is none, ends early,
 *  or has an operation that is not known here. */
export function readTflite(source: string, bytes: Uint8Array): TfliteModel {
  try {
    return readModel(source, FlatTable.ofFile(bytes, 'TFL3', source))
  } catch (fault) {
    if (!(fault instanceof RangeError)) throw fault
    throw new Error(`${source}: the file ends early or is damaged (${fault.message}).`, { cause: fault })
  }
}

function readModel(source: string, model: FlatTable): TfliteModel {
  const [graph, ...others] = model.tables(2)
  if (graph === undefined || others.length > 0) throw new Error(`${source}: the file has not one graph.`)
  const codes = model.tables(1).map((code) => operationKind(source, code))
  const buffers = model.tables(4)
  return {
    tensors: graph.tables(0).map((tensor) => readTensor(source, tensor, buffers)),
    inputs: graph.int32s(1),
    outputs: graph.int32s(2),
    operations: graph.tables(3).map((operation) => {
      const kind = codes[operation.int32(0)]
      if (kind === undefined) throw new Error(`${source}: an operation has no kind.`)
      return { kind, inputs: operation.int32s(1), outputs: operation.int32s(2), options: operation.table(4) }
    }),
  }
}

/** Files of before 2020 have the number in one byte alone. */
function operationKind(source: string, code: FlatTable): TfliteOperationKind {
  const number = Math.max(code.int8(0), code.int32(3))
  const kind = OPERATIONS[number as keyof typeof OPERATIONS]
  if (kind === undefined) throw new Error(`${source}: the operation ${number} is not known.`)
  return kind
}

function readTensor(source: string, tensor: FlatTable, buffers: readonly FlatTable[]): TfliteTensor {
  const name = tensor.text(3)
  const dims = tensor.int32s(0)
  const bytes = buffers[tensor.int32(2)]?.bytes(0)
  if (bytes === undefined) throw new Error(`${source}: '${name}' has no place for its weights.`)
  if (bytes.length === 0 || tensor.int8(1) !== FLOAT32) return { name, dims, weights: null }
  const count = dims.reduce((product, size) => product * size, 1)
  if (bytes.length !== 4 * count)
    throw new Error(`${source}: '${name}' has ${bytes.length} bytes of weights.`)
  // A copy, because a float32 view needs an offset that is a multiple of four.
  return { name, dims, weights: { dims, data: new Float32Array(new Uint8Array(bytes).buffer) } }
}
