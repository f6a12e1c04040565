import { answerOf } from '@semblance/client'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api, type FoundPerson } from '../../server/api.ts'
import { isMissing } from '../../server/missing.ts'
import type { Probe } from './probes.tsx'

/** Ids of the feedback, by the place of the face and the id of the person. */
type Denials = Readonly<Record<string, string>>

const NONE: Denials = {}

/** Whom somebody said the faces of a picture not to be, as long as the page is open. The server keeps the verdicts. */
export function useDenials(probe: Probe) {
  const queries = useQueryClient()
  const queryKey = ['probe-denials', probe.id]
  const { data: denials = NONE } = useQuery({
    queryKey,
    queryFn: () => NONE,
    enabled: false,
    initialData: NONE,
    gcTime: Number.POSITIVE_INFINITY,
  })
  const change = (next: (before: Denials) => Denials) => {
    queries.setQueryData<Denials>(queryKey, (before = NONE) => next(before))
    void queries.invalidateQueries({ queryKey: ['person'] })
  }
  return {
    isDenied: (place: number, personId: string) => Object.hasOwn(denials, keyOf(place, personId)),
    add: (place: number, personId: string, feedbackId: string) =>
      change((before) => ({ ...before, [keyOf(place, personId)]: feedbackId })),
    take: (place: number, personId: string) =>
      change((before) =>
        Object.fromEntries(Object.entries(before).filter(([key]) => key !== keyOf(place, personId))),
      ),
    idOf: (place: number, personId: string) => denials[keyOf(place, personId)] ?? null,
  }
}

interface Candidacy {
  readonly probe: Probe
  /** Which face of the picture. */
  readonly place: number
  readonly person: FoundPerson
  /** Of the search. */
  readonly requestId: string | null
}

/** Says that a face is not this candidate's. The probe itself is not sent. */
export function useDeny({ probe, place, person, requestId }: Candidacy) {
  const denials = useDenials(probe)
  return useMutation({
    mutationFn: () => {
      const [image] = person.images
      const body = {
        personId: person.id,
        imageId: image?.id ?? '',
        distance: image?.distance ?? 0,
        verdict: 'not-this-person' as const,
        requestId,
      }
      return answerOf(api.POST('/api/feedback', { body }))
    },
    onSuccess: ({ id }) => denials.add(place, person.id, id),
  })
}

/** Takes that back. */
export function useTakeBack({ probe, place, person }: Omit<Candidacy, 'requestId'>) {
  const denials = useDenials(probe)
  return useMutation({
    mutationFn: async () => {
      const feedbackId = denials.idOf(place, person.id)
      if (feedbackId === null) return
      try {
        await answerOf(api.DELETE('/api/feedback/{feedbackId}', { params: { path: { feedbackId } } }))
      } catch (error) {
        // Somebody took it back elsewhere.
        if (!isMissing(error, 'FeedbackNotFound')) throw error
      }
    },
    onSuccess: () => denials.take(place, person.id),
  })
}

function keyOf(place: number, personId: string): string {
  return `${place} ${personId}`
}
