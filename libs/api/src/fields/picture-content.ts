import { z } from 'zod'
import { decodeBase64 } from './decode-base64.ts'

export const PICTURE_MARK = 'x-picture'

/**
 * The bytes of a picture: Base64 text, or the bytes themselves, which only a form's file can bring. Null if left out or
 * empty. The mark tells the form reader where its files go.
 */
export const pictureContent = z
  .unknown()
  .transform((value, context): Uint8Array | null => {
    if (value == null || value === '') return null
    const bytes = value instanceof Uint8Array ? value : typeof value === 'string' ? decodeBase64(value) : null
    if (bytes !== null && bytes.byteLength > 0) return bytes
    const message = typeof value === 'string' ? 'must be Base64' : 'must be a string'
    context.issues.push({ code: 'custom', message, input: undefined })
    return z.NEVER
  })
  .nullish()
  .meta({ [PICTURE_MARK]: true, override: { type: ['string', 'null'], format: 'byte' } })
