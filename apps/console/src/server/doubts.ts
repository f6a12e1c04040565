import { answerOf } from '@semblance/client'
import { type QueryClient, skipToken, useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import { addPicture } from './add-picture.ts'
import { api, type EnrolledImage } from './api.ts'
import { isMissing } from './missing.ts'
import { OF_PICTURE } from './queries.ts'

/** The operating point of the scale: pictures of one person are rarely farther apart. */
const SAME_WITHIN = 1
/** Nobody is beyond it. */
const FARTHEST = 2
/** The person itself is the nearest of all; others come before only with the very same picture. */
const MOST_ASKED = 5

/** A picture that was added although its face may be somebody else's. */
export interface Doubt {
  readonly personId: string
  readonly imageId: string
  /** Of the file. */
  readonly name: string
  /** Faces in the picture; the most central one was taken. */
  readonly faces: number
  /** To the nearest other picture of the person, 0..2; null: there is none, or it is near. */
  readonly distance: number | null
  /** The server did not say how far it is. */
  readonly isUncompared: boolean
}

const NONE: readonly Doubt[] = []
const keyOf = (personId: string) => ['doubts', personId] as const

/** Pictures of this person that somebody should look at once more; they stay until somebody has. */
export function useDoubts(personId: string): readonly Doubt[] {
  const { data } = useQuery<readonly Doubt[]>({
    queryKey: keyOf(personId),
    queryFn: skipToken,
    gcTime: Number.POSITIVE_INFINITY,
    meta: OF_PICTURE,
  })
  return data ?? NONE
}

/** After a picture was deleted, or somebody said that it is right. */
export function useForgetDoubt(): (picture: Pick<Doubt, 'personId' | 'imageId'>) => void {
  const queries = useQueryClient()
  return useCallback(
    ({ personId, imageId }) =>
      queries.setQueryData<readonly Doubt[]>(keyOf(personId), (before) =>
        before?.filter((doubt) => doubt.imageId !== imageId),
      ),
    [queries],
  )
}

/** Enrolls a picture of somebody, and notes whether its face may be somebody else's. @throws as `addPicture` does */
export function useAddPicture() {
  const queries = useQueryClient()
  return useCallback(
    async (personId: string, file: File): Promise<EnrolledImage> => {
      const image = await addPicture(personId, file)
      await noteDoubt(queries, { personId, name: file.name, image })
      return image
    },
    [queries],
  )
}

interface Added {
  readonly personId: string
  readonly name: string
  readonly image: EnrolledImage
}

async function noteDoubt(queries: QueryClient, { personId, name, image }: Added): Promise<void> {
  const before = queries.getQueryData<readonly Doubt[]>(keyOf(personId)) ?? NONE
  const others = before.map(({ imageId }) => imageId)
  // It is enrolled whatever the server says now, so a failure is one more thing to say of it.
  const compared = await distanceToOthers({ personId, image, others }).catch(() => 'unknown' as const)
  const doubt: Doubt = {
    ...{ personId, imageId: image.id, name },
    faces: image.faceCount ?? 1,
    distance: typeof compared === 'number' && compared > SAME_WITHIN ? compared : null,
    isUncompared: compared === 'unknown',
  }
  if (doubt.faces < 2 && doubt.distance === null && !doubt.isUncompared) return
  queries.setQueryData<readonly Doubt[]>(keyOf(personId), (now) => [...(now ?? NONE), doubt])
}

interface Compared {
  readonly personId: string
  readonly image: Pick<EnrolledImage, 'id'>
  /** Pictures that are in doubt themselves, and vouch for no other. */
  readonly others: readonly string[]
}

/** Null: there is no other picture to compare it with. Nothing is decoded for it. */
async function distanceToOthers({ personId, image, others }: Compared): Promise<number | null> {
  const body = { imageId: image.id, includeSelf: true, threshold: FARTHEST, limit: MOST_ASKED }
  const answer = await answerOf(api.POST('/api/search', { body }))
  const itself = 'persons' in answer ? answer.persons.find(({ id }) => id === personId) : undefined
  if (itself === undefined) throw new Error('the search did not find the person by a picture of theirs')
  return itself.images.find(({ id }) => id !== image.id && !others.includes(id))?.distance ?? null
}

/** Deletes a picture that was added. One that is gone already is no problem. */
export async function takeBack({ personId, imageId }: Doubt): Promise<void> {
  const params = { path: { personId, imageId } }
  await answerOf(api.DELETE('/api/persons/{personId}/images/{imageId}', { params })).catch((error) => {
    if (!isMissing(error, 'ImageNotFound')) throw error
  })
}
