import type { Descriptor, IndexEntry, IndexPayload, PackId } from '@semblance/core'
import { NORM_TOLERANCE } from './scan-kernel.ts'
import { uuidKey } from './uuid-key.ts'

/** What descriptors of one index have in common. */
export interface DescriptorKind {
  readonly packId: PackId
  readonly dimensions: number
}

/** @throws TypeError: such an entry is a fault of the program, and would be found by nobody or by the wrong probe */
export function checkEntry(entry: IndexEntry, kind: DescriptorKind): void {
  if (uuidKey(entry.imageId) === null) throw new TypeError('an image id is a UUID in lower case')
  checkPayload(entry.payload)
  checkDescriptor(entry.descriptor, kind)
}

export function checkPayload(payload: IndexPayload): void {
  if (uuidKey(payload.personId) === null) throw new TypeError('a person id is a UUID in lower case')
  if (!(Number.isSafeInteger(payload.rev) && payload.rev >= 0))
    throw new TypeError('a rev is a whole number from 0 on')
}

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
