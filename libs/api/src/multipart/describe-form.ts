import { z } from 'zod'
import { elementOf, type Schema, shapesOf } from '../endpoint/schema-parts.ts'
import { pictureIn, REQUEST_PART } from './form-body.ts'

/** For the OpenAPI document: the fields of the body as parts of a form, pictures as files. */
export function describeForm(body: z.ZodType): z.ZodType {
  const [shape = {}] = shapesOf(body)
  const fields = Object.entries(shape).map(([name, field]) => [name, describeField(field)])
  const request = z.string().optional().meta({
    description: 'Any of the fields as one JSON object; the other parts are put into it.',
    contentMediaType: 'application/json',
  })
  return z.object({ ...Object.fromEntries(fields), [REQUEST_PART]: request })
}

const FILE = { type: 'string', format: 'binary', contentMediaType: 'application/octet-stream' } as const

function describeField(field: Schema): Schema {
  const element = elementOf(field)
  if (pictureIn(element ?? field) === null) return field
  if (element === null) return file('The picture.', FILE)
  return file('The pictures, in order.', { type: 'array', items: FILE })
}

function file(description: string, override: object): z.ZodType {
  return z.unknown().optional().meta({ description, override })
}
