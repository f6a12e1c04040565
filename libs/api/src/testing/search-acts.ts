import { aPicture } from '@semblance/testkit'
import type { TestApi } from './open-test-api.ts'

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')

/** The picture that shows these people, as a request has it. */
export const contentOf = (...identities: string[]): string => base64(aPicture({ identities }))

/** Makes a person of that name and enrolls a picture of them, later than whatever is there. */
export async function enroll(api: TestApi, identity: string, fields: object = {}) {
  api.gallery.clock.advance(1)
  const { json: person } = await api.ask('POST', '/api/persons', { body: { name: identity, ...fields } })
  const body = { image: { content: contentOf(identity) } }
  const { json: image } = await api.ask('POST', `/api/persons/${person.id}/images`, { body })
  return { person, image }
}

/** The names of those whom a search found. */
export const namesFound = (answer: { json: { persons: { name: string }[] } }): readonly string[] =>
  answer.json.persons.map(({ name }) => name)
