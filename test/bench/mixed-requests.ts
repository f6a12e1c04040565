import { randomBytes } from 'node:crypto'
import { type HttpClient, searchBody } from './http-client.ts'
import { GROUP, imageIdOf, personIdOf } from './prefill-gallery.ts'

interface Kind {
  /** Out of 20 requests. */
  readonly share: number
  readonly status: number
  readonly send: (number: number) => ReturnType<HttpClient['send']>
}

/**
 * Of 20 requests 3 are searches by a good picture, 11 are reads, 6 are mistakes: the same mixture from the first to
 * the last, since only equal loads leave comparable memory. Throws at an answer other than the expected.
 */
export function mixedRequests(
  client: HttpClient,
  given: { readonly photos: readonly Uint8Array[]; readonly faces: number },
): (number: number) => Promise<void> {
  const order = kindsOf(client, given).flatMap((kind) => Array<Kind>(kind.share).fill(kind))
  return async (number) => {
    // 7 has no factor in common with 20: every kind in turn, mixed.
    const kind = order[(number * 7) % order.length]!
    const { status } = await kind.send(number)
    if (status !== kind.status)
      throw new Error(`request ${number} was answered with ${status} for ${kind.status}`)
  }
}

function kindsOf(
  client: HttpClient,
  { photos, faces }: { readonly photos: readonly Uint8Array[]; readonly faces: number },
): readonly Kind[] {
  const searches = photos.map(searchBody)
  const noise = searchBody(randomBytes(10_000))
  const cut = searchBody(photos[0]!.subarray(0, 2_000))
  const text = Buffer.from('{"image": ')
  const read = (path: (number: number) => string) => (number: number) => client.send(path(number))
  const person = (number: number) => personIdOf(Math.imul(number, 7919) % faces)
  const known = (number: number) => number % photos.length
  return [
    { share: 3, status: 200, send: (number) => client.send('/api/search', searches[known(number)]!) },
    { share: 4, status: 200, send: read((number) => `/api/persons/${person(number)}`) },
    {
      share: 2,
      status: 200,
      send: read((number) => `/api/groups/${GROUP}/persons?page=${1 + (number % 100)}&size=50`),
    },
    { share: 2, status: 200, send: read((number) => `/api/persons/${person(number)}/images`) },
    {
      share: 2,
      status: 200,
      send: read((number) => `/api/persons/${personIdOf(known(number))}/images/${imageIdOf(known(number))}`),
    },
    { share: 1, status: 200, send: read(() => '/api/readyz') },
    // Pictures that cannot be read are an answer of the search, by its code.
    { share: 1, status: 200, send: () => client.send('/api/search', noise) },
    { share: 1, status: 200, send: () => client.send('/api/search', cut) },
    { share: 1, status: 400, send: () => client.send('/api/search', text) },
    { share: 1, status: 400, send: read(() => '/api/persons/not-an-id') },
    { share: 1, status: 404, send: read(() => `/api/persons/${personIdOf(faces + 1)}`) },
    { share: 1, status: 404, send: read(() => '/api/nothing-here') },
  ]
}
