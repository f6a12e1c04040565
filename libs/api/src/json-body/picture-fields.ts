import { definitionOf, elementOf, isMarked, type Schema, shapesOf } from '../endpoint/schema-parts.ts'
import { PICTURE_MARK } from '../fields/picture-content.ts'

/** The places in a JSON body where pictures stand as text: a tree over the names that lead to them. */
export interface PictureFields {
  /** A text in this place is a picture. */
  readonly isPicture: boolean
  /** The name that it has in the object which may stand in its place; null if none may. */
  readonly inside: string | null
  readonly fields: ReadonlyMap<string, PictureFields>
  /** The items of a list. */
  readonly element: PictureFields | null
}

/** Null if there is none in it. */
export function pictureFieldsOf(schema: Schema): PictureFields | null {
  const isPicture = isPictureText(schema)
  const list = elementOf(schema)
  const element = list === null ? null : pictureFieldsOf(list)
  const fields = new Map<string, PictureFields>()
  for (const shape of shapesOf(schema)) {
    for (const [name, field] of Object.entries(shape)) {
      const inner = pictureFieldsOf(field)
      if (inner !== null) fields.set(name, inner)
    }
  }
  if (!isPicture && element === null && fields.size === 0) return null
  const [inside = null] = [...fields].filter(([, field]) => field.isPicture).map(([name]) => name)
  return { isPicture, inside: isPicture ? inside : null, fields, element }
}

function isPictureText(schema: Schema): boolean {
  if (isMarked(schema, PICTURE_MARK)) return true
  const { type, options = [] } = definitionOf(schema)
  return type === 'union' && options.some(isPictureText)
}
