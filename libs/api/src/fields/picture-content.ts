import { z } from 'zod'
import { PictureText } from '../json-body/picture-text.ts'
import { decodeBase64 } from './decode-base64.ts'

/** A GIF of one pixel, for examples: it shows no face, but the request works as it stands. */
export const EXAMPLE_PICTURE = 'R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7'

export const PICTURE_MARK = 'x-picture'

/**
 * The bytes of a picture: Base64 text, or the bytes themselves, as a form's file brings them, or a text that was decoded as it
 * came in. Null if left out or empty. The mark tells the readers of bodies where pictures are.
 */
export const pictureContent = z
  .unknown()
  .transform((value, context): Uint8Array | null => {
    if (value == null || value === '') return null
    const { bytes, problem } = bytesOf(value)
    if (bytes !== null && bytes.byteLength > 0) return bytes
    context.issues.push({ code: 'custom', message: problem, input: undefined })
    return z.NEVER
  })
  .nullish()
  .meta({ [PICTURE_MARK]: true, override: { type: ['string', 'null'], format: 'byte' } })

function bytesOf(value: unknown): { readonly bytes: Uint8Array | null; readonly problem: string } {
  if (value instanceof PictureText) return { bytes: value.bytes, problem: 'must be Base64' }
  if (value instanceof Uint8Array) return { bytes: value, problem: 'must not be empty' }
  if (typeof value === 'string') return { bytes: decodeBase64(value), problem: 'must be Base64' }
  return { bytes: null, problem: 'must be a string' }
}
