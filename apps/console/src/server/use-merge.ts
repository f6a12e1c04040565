import { answerOf } from '@semblance/client'
import { useText } from '../language/language.tsx'
import { useAnnounce } from '../parts/notices.tsx'
import { useWork } from '../parts/use-work.ts'
import { api, type Person } from './api.ts'
import { useGalleryChanged } from './queries.ts'

interface Merging {
  readonly keptId: string
  readonly goneId: string
}

/** Makes one person of two. The external id of the one who goes is dropped, which both places say before. */
export function merge({ keptId, goneId }: Merging): Promise<Person> {
  const params = { path: { personId: keptId } }
  const body = { otherId: goneId, dropExternalId: true }
  return answerOf(api.POST('/api/persons/{personId}/merge', { params, body }))
}

/** Tells that two are one now, and shows it. */
export function useMerged(): (name: string) => void {
  const text = useText()
  const announce = useAnnounce()
  const galleryChanged = useGalleryChanged()
  return (name) => {
    announce(text.person.merged(name))
    galleryChanged()
  }
}

/** The same for a dialog of its own. */
export function useMerge(onMerged: () => void) {
  const text = useText()
  const merged = useMerged()
  return useWork({
    title: text.person.merge,
    run: merge,
    onDone: ({ name }, isOpen) => {
      merged(name)
      if (isOpen) onMerged()
    },
  })
}
