import { type Descriptor, type ImageId, type IndexEntry, isUuid, type PackId } from '@semblance/core'

/** What descriptors of one index have in common. */
export interface DescriptorKind {
  readonly packId: PackId
  readonly dimensions: number
}

/** Unit length within this, so that a dot product is a cosine; the same as the exact index asks. */
const NORM_TOLERANCE = 0.01

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

/** @throws TypeError: it would be compared with what it cannot be compared with */
export function checkDescriptor({ packId, values }: Descriptor, kind: DescriptorKind): void {
  if (packId !== kind.packId)
    throw new TypeError(
      `a descriptor of pack ${packId} cannot be compared in an index of pack ${kind.packId}`,
    )
  if (values.length !== kind.dimensions)
    throw new TypeError(`a descriptor of pack ${packId} has ${kind.dimensions} values, not ${values.length}`)
  let squares = 0
  for (let i = 0; i < values.length; i++) squares += (values[i] ?? 0) ** 2
  // NaN and Infinity fail this, too.
  if (!(Math.abs(Math.sqrt(squares) - 1) <= NORM_TOLERANCE))
    throw new TypeError('a descriptor has unit length, in finite numbers')
}

function isLowerUuid(id: string): boolean {
  return isUuid(id) && id === id.toLowerCase()
}
