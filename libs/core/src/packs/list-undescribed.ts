import type { GalleryPorts } from '../gallery-ports.ts'
import type { ImageId } from '../ids.ts'
import { standingOfOwners } from '../persons/standing-of-owners.ts'
import type { PackQuery } from '../ports/descriptor-records.ts'
import type { Waiting } from '../ports/waiting.ts'
import type { UndescribedImage } from './gallery-packs.ts'

/**
 * Images of which a pack makes nothing, each under whoever has it now. Those of persons who cannot be seen are left out, so there
 * may be fewer than `limit` while there is a `next`.
 */
export async function listUndescribed(
  gallery: Pick<GalleryPorts, 'records' | 'clock'>,
  query: PackQuery,
  waiting?: Waiting,
): Promise<{ readonly items: readonly UndescribedImage[]; readonly next: ImageId | null }> {
  const found = await gallery.records.descriptors.listUndescribed(query, waiting)
  const owners = await standingOfOwners(
    gallery,
    found.map(({ personId }) => personId),
    waiting,
  )
  const items = found.flatMap((item) => {
    const owner = owners.get(item.personId)
    return owner?.standing === 'visible' ? [{ ...item, personId: owner.id }] : []
  })
  return { items, next: found.length < query.limit ? null : (found.at(-1)?.imageId ?? null) }
}
