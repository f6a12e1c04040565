import { answerOf } from '@semblance/client'
import { useQuery } from '@tanstack/react-query'
import { conditionsIn } from '../../parts/metadata-conditions.ts'
import { api, type DetectedFace, type FoundPerson } from '../../server/api.ts'
import { formOf } from '../../server/form.ts'
import { OF_PICTURE } from '../../server/queries.ts'
import { type Probe, useProbes } from './probes.tsx'

/** Beyond everybody, so that the slider needs no other search. */
const FARTHEST = 2
const MOST_CANDIDATES = 12
/** What the server answers of a file that is no picture to it. */
const UNREADABLE_CODE = 6

/** Of one picture; what was found stays while the page is open. */
const KEPT = {
  staleTime: Number.POSITIVE_INFINITY,
  gcTime: Number.POSITIVE_INFINITY,
  retry: false,
  meta: OF_PICTURE,
}

export interface Faces {
  readonly faces: readonly DetectedFace[]
  /** What is wrong with the picture, if no face came of it. */
  readonly why: string | null
  /** It is no picture that the server can read, so it was not looked at for faces. */
  readonly isUnreadable: boolean
}

export function useFaces(probe: Probe) {
  const { turns } = useProbes()
  return useQuery({
    ...KEPT,
    queryKey: ['probe-faces', probe.id],
    queryFn: async ({ signal }): Promise<Faces> => {
      const body = formOf(probe.file, { processParam: { onlyCentralFace: false } })
      const ask = () => answerOf(api.POST('/api/detect', { ...body, signal }))
      const answer = await turns.run(probe.id, ask, signal)
      return {
        faces: fromLeftToRight(answer.results?.detections ?? []),
        why: answer.msg ?? null,
        isUnreadable: answer.code === UNREADABLE_CODE,
      }
    },
  })
}

/** As one reads; the server has the most central face first. */
function fromLeftToRight(faces: readonly DetectedFace[]): readonly DetectedFace[] {
  return faces.toSorted(({ roi: [a = 0] }, { roi: [b = 0] }) => a - b)
}

/** Among whom candidates are looked for. */
export interface SearchScope {
  /** Empty: everybody. */
  readonly groupId: string
  /** Each such as `department=reception`; all must hold. */
  readonly metadata: readonly string[]
}

export const EVERYWHERE: SearchScope = { groupId: '', metadata: [] }

export interface Found {
  /** Who is near each of the faces, in their order; nearest first. */
  readonly byFace: readonly (readonly FoundPerson[])[]
  /** Leads to the search in the server's log. */
  readonly requestId: string | null
}

export function useCandidates(probe: Probe, faces: readonly DetectedFace[], scope: SearchScope) {
  const { groupId, metadata } = scope
  const { turns } = useProbes()
  const metadataFilter = conditionsIn(metadata)
  const isFiltered = Object.keys(metadataFilter).length > 0
  return useQuery({
    ...KEPT,
    queryKey: ['probe-candidates', probe.id, groupId, metadataFilter],
    enabled: faces.length > 0,
    queryFn: async ({ signal }): Promise<Found> => {
      const fields = {
        detectAll: true,
        threshold: FARTHEST,
        limit: MOST_CANDIDATES,
        ...(groupId === '' ? {} : { groupIds: [groupId] }),
        ...(isFiltered ? { metadataFilter } : {}),
      }
      return turns.run(probe.id, () => search(probe, { fields, faces, signal }), signal)
    },
  })
}

interface SearchCall {
  readonly fields: object
  readonly faces: readonly DetectedFace[]
  readonly signal: AbortSignal
}

async function search(probe: Probe, { fields, faces, signal }: SearchCall): Promise<Found> {
  const asked = api.POST('/api/search', { ...formOf(probe.file, fields), signal })
  const answer = await answerOf(asked)
  return {
    byFace: sortToFaces(faces, 'persons' in answer ? answer.persons : []),
    requestId: (await asked).response.headers.get('x-requestid'),
  }
}

/** Hits come in one list; each has the box of its face. */
function sortToFaces(
  faces: readonly DetectedFace[],
  hits: readonly FoundPerson[],
): readonly (readonly FoundPerson[])[] {
  const lists: FoundPerson[][] = faces.map(() => [])
  for (const hit of hits) {
    const [x = 0, y = 0] = hit.detection?.roi ?? []
    const distances = faces.map(({ roi: [left = 0, top = 0] }) => Math.hypot(left - x, top - y))
    lists[distances.indexOf(Math.min(...distances))]?.push(hit)
  }
  return lists.map((list) => list.toSorted((a, b) => distanceOf(a) - distanceOf(b)))
}

export function distanceOf(person: FoundPerson): number {
  return person.images[0]?.distance ?? FARTHEST
}
