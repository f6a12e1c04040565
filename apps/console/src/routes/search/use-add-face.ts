import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useText } from '../../language/language.tsx'
import { boxOf } from '../../parts/box.ts'
import { cutOut } from '../../parts/cut-out.ts'
import { useAnnounce } from '../../parts/notices.tsx'
import { SayableError } from '../../parts/states.tsx'
import { addPicture } from '../../server/add-picture.ts'
import type { DetectedFace } from '../../server/api.ts'
import { useGalleryChanged } from '../../server/queries.ts'
import type { Probe } from './probes.tsx'

interface FaceOfProbe {
  readonly probe: Probe
  readonly face: DetectedFace
  readonly isOnlyFace: boolean
}

/**
 * The picture that enrolls this face: the photo itself, or a part of it where it shows several faces.
 * @param undrawable says that the browser cannot cut a part out of a photo of this kind
 */
export async function pictureOfFace(
  { probe, face, isOnlyFace }: FaceOfProbe,
  undrawable: string,
): Promise<Blob> {
  if (isOnlyFace) return probe.file
  return cutOut(probe.file, boxOf(face.roi)).catch(() => {
    throw new SayableError(undrawable)
  })
}

/** What was found before somebody was enrolled is old. */
export function useSearchesAreOld(): () => void {
  const queries = useQueryClient()
  const galleryChanged = useGalleryChanged()
  return () => {
    galleryChanged()
    void queries.invalidateQueries({ queryKey: ['probe-candidates'] })
  }
}

/** Adds the face to somebody who is enrolled. */
export function useAddFace(from: FaceOfProbe) {
  const text = useText()
  const announce = useAnnounce()
  const searchesAreOld = useSearchesAreOld()
  return useMutation({
    mutationFn: async (person: { readonly id: string; readonly name: string }) => {
      await addPicture(person.id, await pictureOfFace(from, text.search.uncuttable))
      return person
    },
    onSuccess: ({ name }) => {
      announce(text.search.added(name))
      searchesAreOld()
    },
  })
}
