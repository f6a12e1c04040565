import { answerOf } from '@semblance/client'
import { useQuery } from '@tanstack/react-query'
import { api, type MatchAnswer } from '../../server/api.ts'
import { filled } from '../../server/form.ts'
import { OF_PICTURE } from '../../server/queries.ts'

/** What the server answers of a file that is no picture to it. */
const UNREADABLE_CODE = 6

/** A picture that is compared. It is in this page alone, until the page is left. */
export interface ComparedPhoto {
  readonly id: string
  readonly file: Blob
  readonly url: string
}

export type ComparedFace = MatchAnswer['detections'][number]['faces'][number]

/** Every face of one picture with every face of the other. The faces of each stand from left to right. */
export function useComparison(one: ComparedPhoto | null, other: ComparedPhoto | null) {
  return useQuery({
    queryKey: ['comparison', one?.id, other?.id],
    enabled: one !== null && other !== null,
    staleTime: Number.POSITIVE_INFINITY,
    // Both photos are gone with the page.
    gcTime: 0,
    retry: false,
    meta: OF_PICTURE,
    queryFn: ({ signal }) => {
      const form = new FormData()
      for (const [place, photo] of [one, other].entries()) {
        if (photo !== null) form.set(`images[${place}]`, filled(photo.file))
        form.set(`images[${place}].detectAll`, 'true')
      }
      const sent = { body: form as never, bodySerializer: (body: unknown) => body as FormData }
      return answerOf(api.POST('/api/match', { ...sent, signal }))
    },
  })
}

/** As one reads; the server has the most central face first. */
export function facesOf(answer: MatchAnswer | undefined, place: number): readonly ComparedFace[] {
  const faces = answer?.detections.find(({ imageIndex }) => imageIndex === place)?.faces ?? []
  return faces.toSorted(({ roi: [a = 0] }, { roi: [b = 0] }) => a - b)
}

/** What is wrong with one of the pictures; null: it has a face. */
export function faultOf(answer: MatchAnswer, place: number): string | null {
  const picture = answer.detections.find(({ imageIndex }) => imageIndex === place)
  return picture === undefined || picture.faces.length > 0 ? null : (picture.msg ?? '')
}

/** Whether one of them is no picture that the server can read. */
export function isUnreadable(answer: MatchAnswer, place: number): boolean {
  return answer.detections.find(({ imageIndex }) => imageIndex === place)?.status === UNREADABLE_CODE
}

export function pairOf(
  answer: MatchAnswer,
  first: ComparedFace | undefined,
  second: ComparedFace | undefined,
) {
  return answer.results.find(
    ({ firstIndex, firstFaceIndex, secondIndex, secondFaceIndex }) =>
      firstIndex === 0 &&
      secondIndex === 1 &&
      firstFaceIndex === first?.faceIndex &&
      secondFaceIndex === second?.faceIndex,
  )
}
