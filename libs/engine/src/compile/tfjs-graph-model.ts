import { z } from 'zod'
import { NamedWeights, type WeightTensor } from './named-weights.ts'

const attributeSchema = z.object({
  s: z.string().optional(),
  list: z.object({ i: z.array(z.string()).optional(), s: z.array(z.string()).optional() }).optional(),
})

const nodeSchema = z.object({
  name: z.string(),
  op: z.string(),
  input: z.array(z.string()).default([]),
  attr: z.record(z.string(), attributeSchema).default({}),
})

const weightSchema = z.object({
  name: z.string(),
  shape: z.array(z.number().int().nonnegative()),
  dtype: z.enum(['float32', 'int32']),
  quantization: z.object({ dtype: z.literal('float16') }).optional(),
})

const graphModelSchema = z.object({
  modelTopology: z.object({ node: z.array(nodeSchema) }),
  weightsManifest: z.array(z.object({ weights: z.array(weightSchema) })),
})

type Node = z.infer<typeof nodeSchema>
type Weight = z.infer<typeof weightSchema>

/** One operation of a TensorFlow.js graph. */
export type GraphNode = {
  readonly name: string
  readonly operation: string
  readonly inputs: readonly string[]
  /** An attribute that is a list of integers, such as `strides` (batch, height, width, channel). */
  integers(attribute: string): readonly number[]
  /** An attribute that is a text, such as `padding`; undefined where absent. */
  text(attribute: string): string | undefined
  /** An attribute that is a list of texts, such as `fused_ops`. */
  texts(attribute: string): readonly string[]
}

export type TfjsGraphModel = {
  /** Operations in the file's order, which is an order of execution; constants are left out. */
  readonly nodes: readonly GraphNode[]
  readonly weights: NamedWeights
}

/** Reads a TensorFlow.js graph model: `json` is the text of `<name>.json`, `bin` the bytes of `<name>.bin`.
 *  Throws when the bytes end early or are not used up exactly. */
export function readTfjsGraphModel(source: string, json: string, bin: Uint8Array): TfjsGraphModel {
  const model = graphModelSchema.parse(JSON.parse(json))
  const tensors = new Map<string, WeightTensor>()
  let offset = 0
  for (const weight of model.weightsManifest.flatMap((group) => group.weights)) {
    const count = weight.shape.reduce((product, size) => product * size, 1)
    const end = offset + count * (weight.quantization ? 2 : 4)
    if (end > bin.length) throw new Error(`${source}: the weight file ends within '${weight.name}'.`)
    tensors.set(weight.name, { dims: weight.shape, data: decode(weight, bin.subarray(offset, end)) })
    offset = end
  }
  if (offset !== bin.length) {
    throw new Error(`${source}: ${bin.length - offset} bytes are left over after the last weight.`)
  }
  const operations = model.modelTopology.node.filter((node) => node.op !== 'Const')
  return { nodes: operations.map(toGraphNode), weights: new NamedWeights(source, tensors) }
}

function toGraphNode(node: Node): GraphNode {
  return {
    name: node.name,
    operation: node.op,
    inputs: node.input,
    integers: (attribute) => (node.attr[attribute]?.list?.i ?? []).map(Number),
    text: (attribute) => decodeText(node.attr[attribute]?.s),
    texts: (attribute) => (node.attr[attribute]?.list?.s ?? []).map((text) => decodeText(text) ?? ''),
  }
}

function decodeText(base64: string | undefined): string | undefined {
  return base64 === undefined ? undefined : Buffer.from(base64, 'base64').toString('latin1')
}

function decode(weight: Weight, file: Uint8Array): Float32Array {
  // A copy, because a view of several bytes a number needs an aligned offset and the file does not keep one.
  const bytes = new Uint8Array(file).buffer
  if (weight.quantization) return new Float32Array(new Uint16Array(bytes)).map(halfToNumber)
  return weight.dtype === 'int32' ? new Float32Array(new Int32Array(bytes)) : new Float32Array(bytes)
}

/** IEEE 754 binary16 to a number; every such value is exact in float32. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}
