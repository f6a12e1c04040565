import { answerOf } from '@semblance/client'
import { api, type EnrolledImage } from './api.ts'
import { formOf } from './form.ts'

/** Enrolls a picture of somebody. @throws {EmptyFile} and what the server says of a picture that it refuses. */
export async function addPicture(personId: string, picture: Blob): Promise<EnrolledImage> {
  const params = { path: { personId } }
  return answerOf(api.POST('/api/persons/{personId}/images', { params, ...formOf(picture) }))
}
