import type { ConvolutionWeights } from './convolution-weights.ts'
import type { Dimension, OnnxAttribute, OnnxConstant, OnnxModel, OnnxNode, OnnxValue } from './onnx-writer.ts'

/** The name of a tensor within the graph. */
export type GraphValue = string

type Attributes = Readonly<Record<string, OnnxAttribute>>

export type ConvolutionOptions = {
  readonly stride?: number
  /** Pixels from one weight of the filter to the next. */
  readonly dilation?: number
  /** 'same' is TensorFlow's rule: output = ceil(input / stride), the odd pixel of padding at the end. Or pixels of
   *  zeros: top, left, bottom, right. */
  readonly padding: 'same' | 'valid' | readonly number[]
}

/** Collects the nodes and constants of one network. Values are named after the order of the calls, so the same
 *  calls always give the same model. Tensors are [batch, channel, height, width] unless said otherwise. */
export class OnnxGraph {
  readonly name: string
  readonly #nodes: OnnxNode[] = []
  readonly #constants: OnnxConstant[] = []
  readonly #inputs: OnnxValue[] = []
  readonly #outputs: OnnxValue[] = []

  constructor(name: string) {
    this.name = name
  }

  input(value: OnnxValue): GraphValue {
    this.#inputs.push(value)
    return value.name
  }

  /** Names a value as an output of the network, float32. */
  output(name: string, value: GraphValue, dims: readonly Dimension[]): void {
    this.#nodes.push({ name, operator: 'Identity', inputs: [value], outputs: [name], attributes: {} })
    this.#outputs.push({ name, elementType: 'float32', dims })
  }

  floats(dims: readonly number[], data: Float32Array): GraphValue {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    return this.#constant({ name: '', elementType: 'float32', dims, bytes })
  }

  integers(values: readonly number[]): GraphValue {
    const bytes = new Uint8Array(BigInt64Array.from(values, BigInt).buffer)
    return this.#constant({ name: '', elementType: 'int64', dims: [values.length], bytes })
  }

  node(operator: string, inputs: readonly GraphValue[], attributes: Attributes = {}): GraphValue {
    const name = `${operator.toLowerCase()}-${this.#nodes.length}`
    this.#nodes.push({ name, operator, inputs, outputs: [name], attributes })
    return name
  }

  convolution(x: GraphValue, weights: ConvolutionWeights, options: ConvolutionOptions): GraphValue {
    const { dims, filters, bias, groups } = weights
    const { stride = 1, dilation = 1 } = options
    return this.node('Conv', [x, this.floats(dims, filters), this.floats([bias.length], bias)], {
      ...paddingOf(options),
      ...(dilation === 1 ? {} : { dilations: { type: 'ints' as const, value: [dilation, dilation] } }),
      group: { type: 'int', value: groups },
      kernel_shape: { type: 'ints', value: dims.slice(2) },
      strides: { type: 'ints', value: [stride, stride] },
    })
  }

  relu(x: GraphValue): GraphValue {
    return this.node('Relu', [x])
  }

  clip(x: GraphValue, low: number, high: number): GraphValue {
    return this.node('Clip', [
      x,
      this.floats([], Float32Array.of(low)),
      this.floats([], Float32Array.of(high)),
    ])
  }

  add(a: GraphValue, b: GraphValue): GraphValue {
    return this.node('Add', [a, b])
  }

  /** The mean over height and width: [batch, channel]. */
  globalMean(x: GraphValue): GraphValue {
    return this.node('Flatten', [this.node('GlobalAveragePool', [x])])
  }

  /** Subtracts a number from each channel. */
  subtractChannels(x: GraphValue, means: readonly number[]): GraphValue {
    return this.node('Sub', [x, this.floats([1, means.length, 1, 1], Float32Array.from(means))])
  }

  /** (x - mean) / scale. */
  normalise(x: GraphValue, mean: number, scale: number): GraphValue {
    const centred = this.node('Sub', [x, this.floats([], Float32Array.of(mean))])
    return this.node('Mul', [centred, this.floats([], Float32Array.of(1 / scale))])
  }

  toModel(): OnnxModel {
    return {
      name: this.name,
      nodes: this.#nodes,
      constants: this.#constants,
      inputs: this.#inputs,
      outputs: this.#outputs,
    }
  }

  #constant(constant: OnnxConstant): GraphValue {
    const name = `constant-${this.#constants.length}`
    this.#constants.push({ ...constant, name })
    return name
  }
}

function paddingOf({ padding }: ConvolutionOptions): Attributes {
  switch (padding) {
    case 'same':
      return { auto_pad: { type: 'string', value: 'SAME_UPPER' } }
    case 'valid':
      return { auto_pad: { type: 'string', value: 'VALID' } }
    default:
      return { pads: { type: 'ints', value: padding } }
  }
}
