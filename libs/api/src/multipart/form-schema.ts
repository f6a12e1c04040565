import { z } from 'zod'
import { NO_EFFECT_MARK } from '../endpoint/ignored-fields.ts'
import { elementOf, isMarked, type Schema, shapesOf } from '../endpoint/schema-parts.ts'
import { pictureIn, REQUEST_PART } from './form-body.ts'

/**
 * Makes for the OpenAPI document the fields of the body into parts of a form, and pictures into files. What only old
 * clients send, or has no effect, is read as well but not offered: those clients send JSON.
 */
export function formSchemaOf(body: z.ZodType): z.ZodType {
  const [shape = {}] = shapesOf(body)
  const offered = Object.entries(shape).filter(
    ([, field]) => !isMarked(field, NO_EFFECT_MARK) && !isMarked(field, 'deprecated'),
  )
  const fields = offered.map(([name, field]) => [name, formFieldOf(field)])
  const request = z.string().optional().meta({
    description: 'Any of the fields as one JSON object; the other parts are put into it.',
  })
  return z.object({ ...Object.fromEntries(fields), [REQUEST_PART]: request })
}

const FILE = { type: 'string', format: 'binary', contentMediaType: 'application/octet-stream' } as const

function formFieldOf(field: Schema): Schema {
  const element = elementOf(field)
  if (pictureIn(element ?? field) === null) return withoutNull(field)
  if (element === null) return file('The picture.', FILE)
  return file('The pictures, in order.', { type: 'array', items: FILE })
}

/** A form has no null: a field is filled in or left out. */
function withoutNull(field: Schema): Schema {
  const plain = plainOf(field)
  const { description } = (field as z.ZodType).meta() ?? {}
  const described = description === undefined ? plain : plain.meta({ ...plain.meta(), description })
  return described.optional()
}

function plainOf(field: Schema): z.ZodType {
  if (field instanceof z.ZodOptional || field instanceof z.ZodNullable) return plainOf(field.unwrap())
  return field as z.ZodType
}

function file(description: string, override: object): z.ZodType {
  return z.unknown().optional().meta({ description, override })
}
