import { z } from 'zod'
import { NO_EFFECT } from '../endpoint/ignored-fields.ts'

/** The limit is ours; the contract names none. It is in UTF-16 units, as JSON counts. */
const MAX_TEXT_LENGTH = 1024

/** One half of a surrogate pair has no UTF-8 form, so no store could give it back as it came. */
export function textField(options: { readonly minLength: 0 | 1 }) {
  return z
    .string()
    .min(options.minLength)
    .max(MAX_TEXT_LENGTH)
    .refine((text) => text.isWellFormed(), 'must be well-formed Unicode')
}

/** Session ids and labels that the contract knows and this product has no use for. */
export const labels = {
  tag: z
    .string()
    .nullish()
    .meta({ description: 'Session id; accepted, not used.', ...NO_EFFECT }),
  tenant: z
    .string()
    .nullish()
    .meta({ description: 'Label; accepted, not used.', ...NO_EFFECT }),
  env: z
    .string()
    .nullish()
    .meta({ description: 'Label; accepted, not used.', ...NO_EFFECT }),
}
