import { answerOf, problemOf } from '@semblance/client'
import { useQuery } from '@tanstack/react-query'
import { api, type DetectedFace, type Image } from '../../../server/api.ts'
import { formOf } from '../../../server/form.ts'
import { originalAddress } from '../../../server/picture-address.ts'
import { OF_PICTURE } from '../../../server/queries.ts'

/** Every characteristic that the pack can tell, and the face that an enrollment takes: the most central one. */
const AS_ENROLLED = { scenario: 'QualityFull', onlyCentralFace: true } as const

/**
 * Where the enrolled face lies in a picture is not stored, so it is found again, as the enrollment found it. Null: no face is
 * seen in it any more, as after a move to another model pack.
 */
export function useEnrolledFace(personId: string, image: Image) {
  return useQuery({
    queryKey: ['enrolled-face', image.id],
    staleTime: Number.POSITIVE_INFINITY,
    meta: OF_PICTURE,
    queryFn: async ({ signal }): Promise<DetectedFace | null> => {
      const answer = await fetch(originalAddress(personId, image.id), { signal })
      if (!answer.ok) throw problemOf(answer, await answer.json().catch(() => null))
      const body = formOf(await answer.blob(), { processParam: AS_ENROLLED })
      const found = await answerOf(api.POST('/api/detect', { ...body, signal }))
      return found.results?.detections?.[0] ?? null
    },
  })
}
