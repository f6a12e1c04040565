import { answerOf } from '@semblance/client'
import { useText } from '../language/language.tsx'
import { useAnnounce } from '../parts/notices.tsx'
import { useWork } from '../parts/use-work.ts'
import { api } from './api.ts'
import { useGalleryChanged } from './queries.ts'

interface Merging {
  readonly keptId: string
  readonly goneId: string
}

/** Makes one person of two. The external id of the one who goes is dropped, which both places say before. */
export function useMerge(onMerged?: () => void) {
  const text = useText()
  const announce = useAnnounce()
  const galleryChanged = useGalleryChanged()
  return useWork({
    title: text.person.merge,
    run: ({ keptId, goneId }: Merging) => {
      const params = { path: { personId: keptId } }
      const body = { otherId: goneId, dropExternalId: true }
      return answerOf(api.POST('/api/persons/{personId}/merge', { params, body }))
    },
    onDone: ({ name }, isOpen) => {
      announce(text.person.merged(name))
      galleryChanged()
      if (isOpen) onMerged?.()
    },
  })
}
