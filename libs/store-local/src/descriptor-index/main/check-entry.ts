import { checkDescriptor, type DescriptorKind, type IndexEntry, type IndexPayload } from '@semblance/core'
import { uuidKey } from '../memory/uuid-key.ts'

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
