import sharp from 'sharp'
import { expect, it } from 'vitest'
import { CommandFault } from '../server/command-fault.ts'
import { ServerCalls } from '../server/server-calls.ts'
import type { WireClient, WireRequest } from '../server/wire-client.ts'
import type { FoundPerson, SearchedPhoto } from './search-photo.ts'
import { showFaces } from './show-faces.ts'

const crop = (
  await sharp({ create: { width: 144, height: 192, channels: 3, background: '#f00' } })
    .jpeg()
    .toBuffer()
).toString('base64')
const found = (id: string): FoundPerson => ({
  id,
  name: id,
  images: [{ id: `picture-of-${id}`, distance: 0.5, similarity: 0.9 }],
  detection: { roi: [0, 0, 1, 1], crop },
})
const searched = (persons: readonly FoundPerson[]): SearchedPhoto => ({
  photo: 'door.jpg',
  outcome: 'searched',
  persons,
  why: null,
  json: '',
})

/** As a server answers; the picture of Grace it does not give. */
function aServer() {
  const asked: string[] = []
  const call = async ({ method, path }: WireRequest) => {
    asked.push(`${method} ${path}`)
    if (path.includes('Grace')) throw new CommandFault('answered 403')
    const detected = { results: { detections: [{ crop }] } }
    return { status: 200, headers: new Headers(), bytes: Buffer.from(JSON.stringify(detected)) }
  }
  return { asked, calls: new ServerCalls({ call } as unknown as WireClient) }
}

it('shows as many faces as there is room for, asks for each once, and has a plain cell for one that it does not get', async () => {
  const { asked, calls } = aServer()
  const { signal } = new AbortController()
  const lists = [['Ada', 'Grace', 'Eve', 'Mary'].map(found), ['Ada'].map(found), []]
  const shown = await showFaces(lists.map(searched), { calls, protocol: 'kitty', columns: 56, signal })
  expect([...shown.keys()]).toEqual(lists.slice(0, 2))
  const [picture, ...captions] = shown.get(lists[0]!) ?? []
  expect(picture?.startsWith('\u001b_Ga=T,f=100,q=2,c=54,m=')).toBe(true)
  expect(captions).toEqual([
    'searched for  Ada           Grace         Eve',
    '              0.900         0.900         0.900',
  ])
  expect(asked.toSorted()).toEqual([
    'GET /persons/Ada/images/picture-of-Ada',
    'GET /persons/Eve/images/picture-of-Eve',
    'GET /persons/Grace/images/picture-of-Grace',
    'POST /detect',
    'POST /detect',
  ])
})

it('shows nothing where two faces have no room, and ends by Ctrl-C', async () => {
  const { asked, calls } = aServer()
  const photos = [searched([found('Ada')])]
  const screen = {
    calls,
    protocol: 'kitty',
    columns: 26,
    signal: AbortSignal.abort(new Error('stopped')),
  } as const
  expect((await showFaces(photos, screen)).size).toBe(0)
  expect(asked).toEqual([])
  await expect(showFaces(photos, { ...screen, columns: 80 })).rejects.toThrow('stopped')
})
