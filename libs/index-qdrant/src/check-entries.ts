import { checkDescriptor, type DescriptorKind, type ImageId, type IndexEntry, isUuid } from '@semblance/core'

/**
 * What is to be written: of several entries of one image the one that stands at the end.
 * @throws TypeError: such an entry is a fault of the program
 */
export function checkEntries(
  entries: readonly IndexEntry[],
  kind: DescriptorKind,
): ReadonlyMap<ImageId, IndexEntry> {
  const byImage = new Map<ImageId, IndexEntry>()
  for (const entry of entries) {
    const { imageId, descriptor, payload } = entry
    if (!isLowerUuid(imageId) || !isLowerUuid(payload.personId))
      throw new TypeError('ids of images and persons are UUIDs in lower case')
    checkDescriptor(descriptor, kind)
    const earlier = byImage.get(imageId)?.payload
    const isLate = earlier?.personId === payload.personId && earlier.rev > payload.rev
    if (!isLate) byImage.set(imageId, entry)
  }
  return byImage
}

function isLowerUuid(id: string): boolean {
  return isUuid(id) && id === id.toLowerCase()
}
