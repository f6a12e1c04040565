import { RESULT_CODES } from '../endpoint/result-codes.ts'
import type { ImageInput } from '../fields/image-field.ts'
import { IMAGE_TYPES, type MatchImageInput } from './match-request.ts'

/** One picture of a request, its number and type settled. */
export interface PlannedImage {
  readonly index: number
  readonly type: number
  /** Null: neither bytes nor a link were sent. */
  readonly image: ImageInput | null
  readonly faces: 'central' | 'all'
  /** Its faces are compared with one another, too. */
  readonly isComparedWithin: boolean
}

export type MatchPlan =
  | { readonly outcome: 'planned'; readonly images: readonly PlannedImage[] }
  | { readonly outcome: 'refused'; readonly code: number; readonly msg: string }

/** @param limitPerType most pictures of one type */
export function planMatch(sent: readonly MatchImageInput[], limitPerType: number): MatchPlan {
  const types = sent.map(({ type }) => type ?? IMAGE_TYPES.live)
  const [onlyType] = types
  if (sent.length < 2 && onlyType !== IMAGE_TYPES.documentWithLive)
    return refused(RESULT_CODES.tooFewPictures, 'images must be two or more, or a single one of type 4')
  const isAboveLimit = (type: number) => types.filter((other) => other === type).length > limitPerType
  if (types.some(isAboveLimit))
    return refused(RESULT_CODES.tooManyPictures, `images must be at most ${limitPerType} of one type`)
  const indexes = numberImages(sent)
  if (indexes === null) return refused(RESULT_CODES.badRequest, 'images must have different index numbers')
  return {
    outcome: 'planned',
    images: sent.map((image, place) =>
      planImage(image, { index: indexes[place] ?? place, type: types[place] ?? IMAGE_TYPES.live }),
    ),
  }
}

function refused(code: number, msg: string): MatchPlan {
  return { outcome: 'refused', code, msg }
}

/** Numbers that were given stay; the others get the smallest that are free, in order. Null if two are the same. */
function numberImages(sent: readonly MatchImageInput[]): readonly number[] | null {
  const given = sent.flatMap(({ index }) => index ?? [])
  const taken = new Set<number>(given)
  if (taken.size < given.length) return null
  let next = 0
  return sent.map(({ index }) => {
    if (index != null) return index
    while (taken.has(next)) next++
    return next++
  })
}

function planImage(
  sent: MatchImageInput,
  { index, type }: { readonly index: number; readonly type: number },
): PlannedImage {
  const isComparedWithin = type === IMAGE_TYPES.documentWithLive
  return {
    index,
    type,
    image: imageOf(sent),
    faces: isComparedWithin || sent.detectAll === true ? 'all' : 'central',
    isComparedWithin,
  }
}

function imageOf({ content, imageUrl }: MatchImageInput): ImageInput | null {
  if (!content && !imageUrl) return null
  return { content, imageUrl, contentType: null, resizeOptions: null }
}
