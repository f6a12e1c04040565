import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { availableShapes, type Installation, startInstallation } from '../servers/installation.ts'
import { findSharedData } from '../servers/shared-data.ts'
import { type Calls, callsTo } from './calls.ts'
import { readAlbums } from './photos.ts'

const shared = findSharedData()

describe.skipIf(shared === null).each(await availableShapes())(
  'what a gallery tells of itself, %s',
  (shape) => {
    let server: Installation
    let calls: Calls
    let group: string
    let ada: string
    let bob: string

    beforeAll(async () => {
      server = await startInstallation(shape)
      calls = callsTo(server)
      const [album] = await readAlbums(shared!)
      group = await calls.createGroup('Staff')
      ada = await calls.createPerson({ name: 'Ada', groups: [group] })
      bob = await calls.createPerson({ name: 'Bob', groups: [group] })
      expect((await calls.addImage(ada, await readFile(album!.photos[0]!))).status).toBe(200)
    }, 400_000)
    afterAll(async () => {
      await server?.close()
    })

    const exported = async (query: string) => {
      const { status, bytes } = await calls.ask('GET', `/export${query}`)
      expect(status).toBe(200)
      const lines = bytes.toString().trimEnd().split('\n')
      return lines.map((line) => JSON.parse(line))
    }

    it('counts are those of what was enrolled', async () => {
      const { json } = await calls.ask('GET', '/stats')
      expect(json).toMatchObject({ persons: 2, groups: 1, images: 1, indexedImages: 1 })
      expect(json.pack).toMatch(/./)
      expect(Object.keys(json.queue)).toEqual(['search', 'enroll', 'bulk'])
      expect((await calls.ask('GET', `/groups/${group}`)).json.memberCount).toBe(2)
    })

    it('an export has each record, a picture as its SHA-256 says, and descriptors only if they are asked for', async () => {
      const plain = await exported('')
      expect(plain.map(({ type }) => type)).toEqual(['group', 'person', 'image', 'person', 'end'])
      expect(plain[2]).not.toHaveProperty('descriptor')
      const { bytes } = await calls.ask('GET', `/${plain[2].path}`)
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(plain[2].sha256)
      expect(bytes.byteLength).toBe(plain[2].bytes)

      const whole = await exported(`?personId=${ada}&descriptors=true`)
      expect(whole.map(({ id }) => id)).toEqual([group, ada, plain[2].id, undefined])
      const descriptor = Buffer.from(whole[2].descriptor, 'base64')
      const values = Array.from({ length: descriptor.byteLength / 4 }, (_, i) =>
        descriptor.readFloatLE(4 * i),
      )
      expect(values).toHaveLength(512)
      expect(Math.hypot(...values)).toBeCloseTo(1, 4)
    })

    it('lists tell who has a picture, and a deleted person is in no export', async () => {
      const ids = async (query: string) =>
        (await calls.ask('GET', `/persons?${query}`)).json.items.map(({ id }: { id: string }) => id)
      expect(await ids('hasImages=true')).toEqual([ada])
      expect(await ids(`hasImages=false&groupId=${group}&namePrefix=B`)).toEqual([bob])
      expect((await calls.ask('DELETE', `/persons/${ada}`)).status).toBe(204)
      expect((await exported(`?groupId=${group}`)).map(({ id }) => id)).toEqual([group, bob, undefined])
      expect((await calls.ask('GET', `/export?personId=${ada}`)).status).toBe(404)
    })
  },
)
