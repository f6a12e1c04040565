import { type GalleryPorts, indexPayloadOf } from '../gallery-ports.ts'
import type { Person } from '../persons/person.ts'
import type { DescriptorIndex } from '../ports/descriptor-index.ts'
import type { Waiting } from '../ports/waiting.ts'

/**
 * Closes two races. A person's deletion marks first and lists images after, so either that list holds our image or we
 * see the mark here; a change raises `rev` before it rewrites payloads, so either its rewrite covers our vector or we
 * see the new `rev`. False if the person is no longer current.
 */
export async function settlePayload(
  gallery: Pick<GalleryPorts, 'records'> & { readonly index: Pick<DescriptorIndex, 'updatePayload'> },
  written: { readonly person: Person; readonly isCurrent: (person: Person) => boolean },
  waiting?: Waiting,
): Promise<boolean> {
  let rev = written.person.rev
  for (;;) {
    const now = await gallery.records.persons.find(written.person.id, waiting)
    if (now === null || !written.isCurrent(now)) return false
    if (now.rev === rev) return true
    await gallery.index.updatePayload(indexPayloadOf(now), waiting)
    rev = now.rev
  }
}
