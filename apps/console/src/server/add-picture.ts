import { answerOf } from '@semblance/client'
import { api } from './api.ts'
import { formOf } from './form.ts'

/** Enrolls a picture of somebody. @throws {EmptyFile} and what the server says of a picture that it refuses. */
export async function addPicture(personId: string, picture: Blob): Promise<void> {
  const params = { path: { personId } }
  await answerOf(api.POST('/api/persons/{personId}/images', { params, ...formOf(picture) }))
}
