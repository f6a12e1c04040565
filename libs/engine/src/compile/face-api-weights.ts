import { z } from 'zod'
import { NamedWeights, type WeightTensor } from './named-weights.ts'

const weightSchema = z.object({
  name: z.string(),
  shape: z.array(z.number().int().nonnegative()),
  dtype: z.enum(['float32', 'int32']),
  /** One byte a value: value = byte * scale + min. Absent: four bytes a value, float32. */
  quantization: z.object({ dtype: z.literal('uint8'), scale: z.number(), min: z.number() }).optional(),
})

const manifestSchema = z.array(z.object({ weights: z.array(weightSchema) }))

type Weight = z.infer<typeof weightSchema>

/** Reads the weights of a network of `@vladmandic/face-api`: `manifest` is the text of
 *  `<name>-weights_manifest.json`, `bin` the bytes of `<name>.bin`, in which the weights lie one after another.
 *  Throws when the bytes end early or are not used up exactly. */
export function readFaceApiWeights(source: string, manifest: string, bin: Uint8Array): NamedWeights {
  const tensors = new Map<string, WeightTensor>()
  let offset = 0
  for (const group of manifestSchema.parse(JSON.parse(manifest))) {
    for (const weight of group.weights) {
      const count = weight.shape.reduce((product, size) => product * size, 1)
      const end = offset + count * (weight.quantization ? 1 : 4)
      if (end > bin.length) throw new Error(`${source}: the weight file ends within '${weight.name}'.`)
      tensors.set(weight.name, { dims: weight.shape, data: decode(weight, bin.subarray(offset, end)) })
      offset = end
    }
  }
  if (offset !== bin.length) {
    throw new Error(`${source}: ${bin.length - offset} bytes are left over after the last weight.`)
  }
  return new NamedWeights(source, tensors)
}

function decode(weight: Weight, bytes: Uint8Array): Float32Array {
  const { quantization } = weight
  // A copy, because a float32 view needs an offset that is a multiple of four and the file does not keep one.
  if (!quantization) return new Float32Array(new Uint8Array(bytes).buffer)
  return new Float32Array(bytes).map((byte) => byte * quantization.scale + quantization.min)
}
