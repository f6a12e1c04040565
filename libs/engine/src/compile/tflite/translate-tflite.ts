import type { WeightTensor } from '../named-weights.ts'
import type { GraphValue, OnnxGraph } from '../onnx-graph.ts'
import { prelu } from '../prelu.ts'
import type { FlatTable } from './flat-table.ts'
import type { TfliteModel, TfliteOperation, TfliteOperationKind } from './read-tflite.ts'
import { tfliteConvolution, tfliteDepthwise, tfliteMatrix } from './tflite-weights.ts'

/** `Padding` of the schema. */
const SAME = 0

/** Writes the operations of a TFLite network into an ONNX graph. A value is written when it is first asked for, so what
 *  no output needs is left out: asked for the tensor before it, a graph ends there. Tensors are [batch, height, width,
 *  channel] in TFLite and [batch, channel, height, width] here, with any batch. */
export class TfliteTranslation {
  readonly #graph: OnnxGraph
  readonly #model: TfliteModel
  readonly #source: string
  readonly #values = new Map<number, GraphValue>()
  /** What makes a tensor, by its number. */
  readonly #makers: ReadonlyMap<number, TfliteOperation>

  /** `input` stands for the network's only input. Names the graph in its errors. */
  constructor(graph: OnnxGraph, model: TfliteModel, input: GraphValue) {
    this.#graph = graph
    this.#model = model
    this.#source = graph.name
    this.#makers = new Map(model.operations.flatMap((one) => one.outputs.map((output) => [output, one])))
    for (const number of model.inputs) this.#values.set(number, input)
  }

  /** The graph's value for a tensor, by its name or number. Throws where an operation has another form than these
   *  networks have. */
  valueOf(tensor: number | string): GraphValue {
    const number = typeof tensor === 'number' ? tensor : this.#numberOf(tensor)
    const known = this.#values.get(number)
    if (known !== undefined) return known
    const maker = this.#makers.get(number)
    if (maker === undefined) throw this.#fault(`nothing makes the tensor ${number}`)
    const value = this.#translate(maker)
    this.#values.set(number, value)
    return value
  }

  #translate(operation: TfliteOperation): GraphValue {
    this.#requirePlain(operation)
    switch (operation.kind) {
      case 'CONV_2D':
      case 'DEPTHWISE_CONV_2D':
        return this.#convolution(operation)
      case 'ADD':
        return this.#addition(operation)
      case 'MAX_POOL_2D':
        return this.#maxPool(operation)
      case 'FULLY_CONNECTED':
        return this.#fullyConnected(operation)
      case 'RESHAPE':
        return this.#flattening(operation)
      default:
        throw this.#fault(`${operation.kind} stands where it is not known`)
    }
  }

  #convolution({ kind, inputs, options }: TfliteOperation): GraphValue {
    const [x = -1, filter = -1, bias = -1] = inputs
    const read = kind === 'CONV_2D' ? tfliteConvolution : tfliteDepthwise
    const weights = read(this.#weightsOf(filter), this.#weightsOf(bias))
    const [stride, across] = [options?.int32(2) ?? 1, options?.int32(1) ?? 1]
    if (stride !== across) throw this.#fault('a convolution has two strides')
    return this.#graph.convolution(this.valueOf(x), weights, { stride, padding: paddingOf(options) })
  }

  /** A sum, or a PReLU, which TFLite's converter took apart: relu(x) + slope * (part of x below zero). */
  #addition({ inputs }: TfliteOperation): GraphValue {
    const [a = -1, b = -1] = inputs
    const slopes = this.#slopesOf(a, b)
    if (slopes === null) return this.#graph.add(this.valueOf(a), this.valueOf(b))
    const x = this.valueOf(slopes.x)
    // Behind a layer of single numbers there is no blocked layout to be lost.
    return this.#model.tensors[slopes.x]?.dims.length === 2
      ? this.#graph.node('PRelu', [x, this.#graph.floats([slopes.data.length], slopes.data)])
      : prelu(this.#graph, x, slopes.data)
  }

  /** The part below zero is (x - |x|) / 2, or -relu(-x). */
  #slopesOf(positive: number, product: number): { readonly x: number; readonly data: Float32Array } | null {
    const relu = this.#made(positive, 'RELU')
    const scaled = this.#made(product, 'MUL')
    if (relu === null || scaled === null) return null
    const x = relu.inputs[0] ?? -1
    const [slope = -1, below = -1] = scaled.inputs
    const difference = this.#made(below, 'SUB')
    const data = this.#weightsOf(slope).data
    if (difference?.inputs[0] === x && this.#inputOf(difference.inputs[1], 'ABS') === x) {
      return { x, data: data.map((value) => 2 * value) }
    }
    const negated = this.#inputOf(this.#inputOf(this.#inputOf(below, 'NEG'), 'RELU'), 'NEG')
    return negated === x ? { x, data } : null
  }

  #maxPool({ inputs, options }: TfliteOperation): GraphValue {
    const [x = -1] = inputs
    return this.#graph.node('MaxPool', [this.valueOf(x)], {
      auto_pad: { type: 'string', value: paddingOf(options) === 'same' ? 'SAME_UPPER' : 'VALID' },
      kernel_shape: { type: 'ints', value: [options?.int32(4) ?? 1, options?.int32(3) ?? 1] },
      strides: { type: 'ints', value: [options?.int32(2) ?? 1, options?.int32(1) ?? 1] },
    })
  }

  #fullyConnected({ inputs }: TfliteOperation): GraphValue {
    const [x = -1, kernel = -1, bias = -1] = inputs
    const dims = this.#model.tensors[x]?.dims ?? []
    const weights = tfliteMatrix(this.#weightsOf(kernel), dims)
    const flat = dims.length === 2 ? this.valueOf(x) : this.#graph.node('Flatten', [this.valueOf(x)])
    const constants = [weights, this.#weightsOf(bias)].map((one) => this.#graph.floats(one.dims, one.data))
    return this.#graph.node('Gemm', [flat, ...constants], { transB: { type: 'int', value: 1 } })
  }

  /** Of one pixel, where the order of its numbers does not change. */
  #flattening({ inputs }: TfliteOperation): GraphValue {
    const [x = -1] = inputs
    const [, height, width] = this.#model.tensors[x]?.dims ?? []
    if (height !== 1 || width !== 1) throw this.#fault('a shape is changed that has more than one pixel')
    return this.#graph.node('Flatten', [this.valueOf(x)])
  }

  #made(tensor: number | undefined, kind: TfliteOperationKind): TfliteOperation | null {
    const maker = this.#makers.get(tensor ?? -1)
    return maker?.kind === kind ? maker : null
  }

  #inputOf(tensor: number | undefined, kind: TfliteOperationKind): number | undefined {
    return this.#made(tensor, kind)?.inputs[0]
  }

  #weightsOf(tensor: number): WeightTensor {
    const found = this.#model.tensors[tensor]
    if (!found?.weights) throw this.#fault(`the tensor ${tensor} has no weights in float32`)
    return found.weights
  }

  #numberOf(name: string): number {
    const number = this.#model.tensors.findIndex((tensor) => tensor.name === name)
    if (number === -1) throw this.#fault(`there is no tensor '${name}'`)
    return number
  }

  /** No network here has an activation within another operation, a dilation, or a depthwise convolution that adds
   *  channels. */
  #requirePlain({ kind, options }: TfliteOperation): void {
    const { activation, ones = [] } = PLAIN[kind] ?? {}
    if (options === null || activation === undefined) return
    if (options.int8(activation) !== 0) throw this.#fault(`${kind} has an activation`)
    // A number that was left out is 0 here, and 1 in the schema.
    if (ones.some((field) => options.int32(field) > 1)) throw this.#fault(`${kind} has a dilation`)
  }

  #fault(what: string): Error {
    return new Error(`${this.#source}: ${what}.`)
  }
}

/** Fields of an operation's options: the activation within it, and numbers that must be 1. */
const PLAIN: Partial<
  Record<TfliteOperationKind, { readonly activation: number; readonly ones?: readonly number[] }>
> = {
  ADD: { activation: 0 },
  CONV_2D: { activation: 3, ones: [4, 5] },
  DEPTHWISE_CONV_2D: { activation: 4, ones: [3, 5, 6] },
  FULLY_CONNECTED: { activation: 0 },
  MAX_POOL_2D: { activation: 5 },
  MUL: { activation: 0 },
  SUB: { activation: 0 },
}

function paddingOf(options: FlatTable | null): 'same' | 'valid' {
  return (options?.int8(0) ?? SAME) === SAME ? 'same' : 'valid'
}
