import type { ConvolutionWeights } from '../convolution-weights.ts'
import type { WeightTensor } from '../named-weights.ts'
import type { GraphValue, OnnxGraph } from '../onnx-graph.ts'
import { prelu } from '../prelu.ts'
import type { OnnxFile, OnnxOperation } from './read-onnx.ts'

/** Weights nearer to zero than this are zero. A product of two of them is a denormal number, for which a processor
 *  takes a hundred times as long; no answer changes. */
const SMALLEST_WEIGHT = 1e-20

/** Writes the operations of an ONNX file anew into a graph of ours: with any batch, without PRelu, without weights that
 *  are next to nothing. A value is written when it is first asked for, so a graph may end before the file's output. */
export class OnnxTranslation {
  readonly #graph: OnnxGraph
  readonly #file: OnnxFile
  readonly #values = new Map<string, GraphValue>()
  /** What makes a value, by its name. */
  readonly #makers: ReadonlyMap<string, OnnxOperation>

  /** `input` stands for the network's only input. Names the graph in its errors. */
  constructor(graph: OnnxGraph, file: OnnxFile, input: GraphValue) {
    this.#graph = graph
    this.#file = file
    this.#makers = new Map(file.operations.flatMap((one) => one.outputs.map((output) => [output, one])))
    for (const name of file.inputs) this.#values.set(name, input)
  }

  /** The graph's value for one of the file's. Throws where an operation is not known here. */
  valueOf(name: string): GraphValue {
    const known = this.#values.get(name)
    if (known !== undefined) return known
    const maker = this.#makers.get(name)
    if (maker === undefined) throw this.#fault(`nothing makes '${name}'`)
    const value = this.#translate(maker)
    this.#values.set(name, value)
    return value
  }

  #translate(operation: OnnxOperation): GraphValue {
    const [x = '', second = ''] = operation.inputs
    switch (operation.operator) {
      case 'Conv':
        return this.#convolution(operation)
      case 'PRelu':
        return prelu(this.#graph, this.valueOf(x), this.#weightsOf(second).data)
      case 'Relu':
        return this.#graph.relu(this.valueOf(x))
      case 'Add':
        return this.#graph.add(this.valueOf(x), this.valueOf(second))
      case 'Mul':
        return this.#graph.node('Mul', [this.valueOf(x), this.#factor(second)])
      case 'Concat':
        return this.#stack(operation)
      case 'Reshape':
        return this.#row(operation)
      case 'Flatten':
        return this.#graph.node('Flatten', [this.valueOf(x)])
      case 'Gemm':
        return this.#fullyConnected(operation)
      case 'BatchNormalization':
        return this.#batchNormalization(operation)
      default:
        throw this.#fault(`the operation '${operation.operator}' is not known`)
    }
  }

  /** Files that were written for one picture make one row of everything; each picture of a batch becomes one. */
  #row({ inputs: [x = '', shape = ''] }: OnnxOperation): GraphValue {
    const wanted = this.#file.constants.get(shape)?.data.join()
    if (wanted !== '1,-1') throw this.#fault(`a shape is changed to ${wanted}`)
    return this.#graph.node('Flatten', [this.valueOf(x)])
  }

  /** A single number, which the file has an operation for. */
  #factor(name: string): GraphValue {
    const value = this.#makers.get(name)?.attributes.tensor.get('value')
    if (value?.kind !== 'floats' || value.data.length !== 1) throw this.#fault(`'${name}' is not one number`)
    return this.#graph.floats([], value.data)
  }

  /** The channels of all inputs, one after the other. */
  #stack({ inputs, attributes }: OnnxOperation): GraphValue {
    if (attributes.integer.get('axis') !== 1)
      throw this.#fault('values are joined along another axis than channels')
    const values = inputs.map((input) => this.valueOf(input))
    return this.#graph.node('Concat', values, { axis: { type: 'int', value: 1 } })
  }

  #convolution({ inputs, attributes }: OnnxOperation): GraphValue {
    const [x = '', filter = '', offset] = inputs
    const { dims, data } = this.#weightsOf(filter)
    const [channelsOut = 1, channelsIn = 1, height = 1, width = 1] = dims
    const weights: ConvolutionWeights = {
      dims: [channelsOut, channelsIn, height, width],
      filters: data,
      bias: offset === undefined ? new Float32Array(channelsOut) : this.#weightsOf(offset).data,
      groups: attributes.integer.get('group') ?? 1,
    }
    const [stride = 1, across = 1] = attributes.integers.get('strides') ?? []
    const [dilation = 1, dilationAcross = 1] = attributes.integers.get('dilations') ?? []
    if (stride !== across || dilation !== dilationAcross) {
      throw this.#fault('a convolution has two strides or two dilations')
    }
    const padding = attributes.integers.get('pads') ?? 'valid'
    return this.#graph.convolution(this.valueOf(x), weights, { stride, padding, dilation })
  }

  #fullyConnected({ inputs, attributes }: OnnxOperation): GraphValue {
    const [x = '', ...weights] = inputs
    const isPlain = ['alpha', 'beta'].every((factor) => (attributes.float.get(factor) ?? 1) === 1)
    if (attributes.integer.get('transB') !== 1 || !isPlain) throw this.#fault('a layer has another form')
    const constants = weights.map((name) => this.#constant(name))
    return this.#graph.node('Gemm', [this.valueOf(x), ...constants], { transB: { type: 'int', value: 1 } })
  }

  #batchNormalization({ inputs, attributes }: OnnxOperation): GraphValue {
    const [x = '', ...weights] = inputs
    const epsilon = attributes.float.get('epsilon') ?? 1e-5
    const constants = weights.map((name) => this.#constant(name))
    return this.#graph.node('BatchNormalization', [this.valueOf(x), ...constants], {
      epsilon: { type: 'float', value: epsilon },
    })
  }

  #constant(name: string): GraphValue {
    const { dims, data } = this.#weightsOf(name)
    return this.#graph.floats(dims, data)
  }

  #weightsOf(name: string): WeightTensor {
    const tensor = this.#file.constants.get(name)
    if (tensor?.kind !== 'floats') throw this.#fault(`'${name}' is not a weight in float32`)
    return { dims: tensor.dims, data: tensor.data.map(orZero) }
  }

  #fault(what: string): Error {
    return new Error(`${this.#graph.name}: ${what}.`)
  }
}

function orZero(value: number): number {
  return Math.abs(value) < SMALLEST_WEIGHT ? 0 : value
}
