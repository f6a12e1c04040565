import { open } from 'node:fs/promises'
import { z } from 'zod'
import { CommandFault } from '../server/command-fault.ts'
import type { ServerCalls } from '../server/server-calls.ts'
import { answerWithin, byFace, type FoundByFace } from './by-face.ts'
import { FACE_CROP } from './face-crop.ts'

/** More than any server takes by default; a larger file is most likely no photo. */
const MAX_PHOTO_BYTES = 64_000_000
/** The most persons of one answer of a server. */
export const MAX_LIMIT = 1000

export interface SearchOptions {
  readonly limit: number
  readonly threshold?: number
  readonly group: readonly string[]
  readonly allFaces: boolean
  /** Whether the server cuts out the face that it searches for. */
  readonly withCrop?: boolean
}

const foundPerson = z.object({
  id: z.string(),
  name: z.string(),
  images: z.array(z.object({ id: z.string(), distance: z.number(), similarity: z.number() })),
  detection: z.object({ roi: z.array(z.number()), crop: z.string().optional() }).optional(),
})
export type FoundPerson = z.infer<typeof foundPerson>

const searchAnswer = z.object({
  code: z.number(),
  persons: z.array(foundPerson),
  msg: z.string().optional(),
})

export interface SearchedPhoto {
  readonly photo: string
  readonly outcome: 'searched' | 'no-face' | 'no-picture' | 'unreadable'
  readonly persons: readonly FoundPerson[]
  /** With all faces: those by which somebody was found. */
  readonly faces?: readonly FoundByFace[]
  /** Why it was not searched; null if it was. */
  readonly why: string | null
  /** All of it for programs, with the answer of the server as it came. */
  readonly json: string
}

/** By the code that the server answers with. */
const OUTCOMES: Readonly<Record<number, SearchedPhoto['outcome']>> = { 0: 'searched', 2: 'no-face' }

/** A file that cannot be read is an outcome: the other photos are searched all the same. */
export async function searchPhoto(
  calls: ServerCalls,
  photo: string,
  options: SearchOptions,
): Promise<SearchedPhoto> {
  const read = await readPhoto(photo)
  if ('why' in read) return { ...told(photo, 'unreadable', read.why), persons: [] }
  const { limit, threshold, group: groupIds, allFaces: detectAll, withCrop } = options
  const image = { content: read.bytes.toString('base64') }
  // The server's limit is of all faces together, and one face would use it up.
  const body = {
    image,
    limit: detectAll ? MAX_LIMIT : limit,
    groupIds,
    detectAll,
    ...(threshold === undefined ? {} : { threshold }),
    ...(withCrop === true ? { outputImageParams: FACE_CROP } : {}),
  }
  const { value, json } = await calls.ask({ method: 'POST', path: '/search', body }, searchAnswer)
  const outcome = OUTCOMES[value.code] ?? 'no-picture'
  if (outcome !== 'searched') return { ...told(photo, outcome, value.msg ?? outcome), persons: [] }
  const answer = detectAll ? await answerWithin(json, limit) : json
  const line = `{"photo":${JSON.stringify(photo)},"outcome":"searched","answer":${answer}}`
  const faces = detectAll ? { faces: byFace(value.persons, limit) } : {}
  return { photo, outcome, persons: value.persons, ...faces, why: null, json: line }
}

function told(photo: string, outcome: SearchedPhoto['outcome'], why: string) {
  return { photo, outcome, why, json: JSON.stringify({ photo, outcome, why }) }
}

type ReadPhoto = { readonly bytes: Buffer } | { readonly why: string }

async function readPhoto(photo: string): Promise<ReadPhoto> {
  try {
    const bytes = photo === '-' ? await readBounded(process.stdin) : await readFileBounded(photo)
    return bytes.length === 0 ? { why: 'is empty' } : { bytes }
  } catch (fault) {
    if (fault instanceof CommandFault) return { why: fault.message }
    const { code = String(fault) } = fault as NodeJS.ErrnoException
    return { why: `cannot be read (${code})` }
  }
}

async function readFileBounded(path: string): Promise<Buffer> {
  const file = await open(path)
  try {
    return await readBounded(file.createReadStream({ autoClose: false }))
  } finally {
    await file.close()
  }
}

async function readBounded(source: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = []
  let held = 0
  for await (const piece of source) {
    held += piece.length
    if (held > MAX_PHOTO_BYTES) throw new CommandFault(`has more than ${MAX_PHOTO_BYTES} bytes`)
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}
