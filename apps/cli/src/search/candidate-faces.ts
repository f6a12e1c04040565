import { z } from 'zod'
import { CommandFault } from '../server/command-fault.ts'
import type { ServerCalls } from '../server/server-calls.ts'
import { FACE_CROP } from './face-crop.ts'
import type { FoundPerson } from './search-photo.ts'

/** A face that takes longer is shown as a plain cell: the table is what was asked for. */
const TIMEOUT_MS = 5_000

const detectAnswer = z.object({
  results: z.object({ detections: z.array(z.object({ crop: z.string().optional() })) }),
})

/**
 * Faces of enrolled pictures, by two calls each: the server gives the picture, and cuts the central face out of it, which is
 * the one that is enrolled, as long as no import took the largest one instead. It stores no place of a face.
 */
export class CandidateFaces {
  readonly #calls: ServerCalls
  /** By image id; what was asked for once is not asked for again in this run. The caller bounds how many there are. */
  readonly #faces = new Map<string, Promise<Buffer | null>>()

  constructor(calls: ServerCalls) {
    this.#calls = calls
  }

  /** The face of the picture in which the person is nearest; null if the server does not give it, or not in time. */
  of({ id, images: [nearest] }: FoundPerson): Promise<Buffer | null> {
    if (nearest === undefined) return Promise.resolve(null)
    const known = this.#faces.get(nearest.id)
    if (known !== undefined) return known
    const face = this.#ask(`/persons/${id}/images/${nearest.id}`)
    this.#faces.set(nearest.id, face)
    return face
  }

  async #ask(path: string): Promise<Buffer | null> {
    const deadline = AbortSignal.timeout(TIMEOUT_MS)
    try {
      const picture = await this.#calls.call({ method: 'GET', path, deadline })
      const body = {
        image: { content: picture.bytes.toString('base64') },
        processParam: { onlyCentralFace: true, outputImageParams: FACE_CROP },
      }
      const { value } = await this.#calls.ask(
        { method: 'POST', path: '/detect', body, deadline },
        detectAnswer,
      )
      return bytesOf(value.results.detections[0]?.crop)
    } catch (fault) {
      // A plain cell shows it: the picture is gone, the key may not, or the server has other work. Ctrl-C is thrown as its
      // own fault, and ends the command where it is looked at next.
      if (fault instanceof CommandFault) return null
      throw fault
    }
  }
}

/** The picture of an answer, which is Base64. */
export function bytesOf(crop: string | undefined): Buffer | null {
  return crop === undefined ? null : Buffer.from(crop, 'base64')
}
