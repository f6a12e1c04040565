import { isUuid } from '@semblance/core'
import { z } from 'zod'

const EXAMPLE = '01936a5c-7e1d-7c3a-9f52-6d0a4b1c8e77'

/** A UUID of any case; lower case from here on, as the stores keep it. */
export function idField<Id extends string>(description: string) {
  return z
    .string()
    .refine(isUuid, 'must be a UUID')
    .transform((text) => text.toLowerCase() as Id)
    .meta({ description, format: 'uuid', example: EXAMPLE })
}
