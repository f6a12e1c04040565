import type { ImageId, PersonId } from '../../ids.ts'
import type { EnrolledImage } from '../../images/image.ts'
import { aDescriptor } from './a-descriptor.ts'
import { newTestId } from './new-test-id.ts'

/** Ready, of a person that does not exist unless one is given. */
export function anImage(given: Partial<EnrolledImage> = {}): EnrolledImage {
  return {
    id: newTestId<ImageId>(),
    personId: newTestId<PersonId>(),
    state: 'ready',
    contentType: 'image/jpeg',
    bytes: 1234,
    sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    createdAt: 1_700_000_000_000,
    quality: null,
    damage: null,
    descriptor: aDescriptor(1),
    ...given,
  }
}
