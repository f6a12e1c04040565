import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sizeOf } from '@semblance/testkit'
import sharp, { type Sharp } from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { availableShapes, type Installation, startInstallation } from '../servers/installation.ts'
import { findSharedData } from '../servers/shared-data.ts'
import { type Answer, type Calls, callsTo, inParallel } from './calls.ts'
import { type Album, drawEvenly, readAlbums, sideBySide } from './photos.ts'

const shared = findSharedData()
const GALLERY = sizeOf({ ci: 40, slow: 200 })
const PROBES = sizeOf({ ci: 12, slow: 25 })
const CLIENTS = 4

describe.skipIf(shared === null).each(await availableShapes())(
  `a gallery of ${GALLERY} real faces, %s`,
  (shape) => {
    let server: Installation
    let calls: Calls
    let enrolled: Album[]
    let mated: Album[]
    let strangers: Album[]
    let groups: { readonly even: string; readonly odd: string }
    const ids = new Map<string, string>()

    const photo = (path: string) => readFile(join(shared!, 'photos', path))
    const probeOf = ({ photos }: Album) => readFile(photos[1]!)
    /** Names found, nearest first. */
    const names = ({ json }: Answer) => json.persons.map(({ name }: { name: string }) => name) as string[]
    const enroll = async (name: string, picture: Buffer, fields: object = {}) => {
      const id = await calls.createPerson({ name, ...fields })
      const { status } = await calls.addImage(id, picture)
      if (status !== 200) throw new Error(`enrollment answered ${status}`)
      return id
    }

    beforeAll(async () => {
      server = await startInstallation(shape)
      calls = callsTo(server)
      const albums = await readAlbums(shared!)
      enrolled = drawEvenly(
        albums.filter(({ photos }) => photos.length > 1),
        GALLERY,
      )
      mated = drawEvenly(enrolled, PROBES)
      strangers = drawEvenly(
        albums.filter(({ photos }) => photos.length === 1),
        PROBES,
      )
      groups = { even: await calls.createGroup('Even'), odd: await calls.createGroup('Odd') }
      await inParallel([...enrolled.entries()], CLIENTS, async ([i, { name, photos }]) => {
        const group = i % 2 === 0 ? groups.even : groups.odd
        ids.set(name, await enroll(name, await readFile(photos[0]!), { groups: [group] }))
      })
      // The cluster's test servers and four processes share two cores.
    }, 400_000)

    afterAll(async () => {
      await server?.close()
    })

    it('finds people by another photo of theirs, first in the list', async () => {
      const answers = await inParallel(mated, CLIENTS, async (album) => calls.search(await probeOf(album)))
      const found = answers.filter((answer, i) => names(answer)[0] === mated[i]!.name)
      console.log(`mated probes found at rank 1: ${found.length} of ${PROBES}`)
      expect(found.length).toBeGreaterThanOrEqual(0.8 * PROBES)
    })

    it('does not find strangers', async () => {
      const answers = await inParallel(strangers, CLIENTS, async ({ photos }) =>
        calls.search(await readFile(photos[0]!)),
      )
      const taken = answers.filter((answer) => answer.json.persons.length > 0)
      console.log(`strangers taken for somebody: ${taken.length} of ${PROBES}`)
      expect(answers.map(({ json }) => json.code)).toEqual(answers.map(() => 0))
      expect(taken.length).toBeLessThanOrEqual(1)
    })

    it('looks in the given groups alone, and has the nearest there for every face', async () => {
      const [album] = mated
      const inside = enrolled.indexOf(album!) % 2 === 0 ? groups.even : groups.odd
      const outside = inside === groups.even ? groups.odd : groups.even
      const probe = await probeOf(album!)
      expect(names(await calls.search(probe, { groupIds: [inside] }))[0]).toBe(album!.name)
      expect(names(await calls.search(probe, { groupIds: [outside] }))).not.toContain(album!.name)
      const others = await calls.search(probe, { groupIds: [outside], threshold: 2, limit: 1000 })
      expect(names(others)).toHaveLength(GALLERY / 2)
    })

    it('filters by name inside the search, not after the cut to limit', async () => {
      const [album, far] = [mated[0]!, mated[1]!]
      const probe = await probeOf(album)
      const filter = { op: 'in', field: 'name', value: [far.name] }
      expect(names(await calls.search(probe, { filter, threshold: 2, limit: 1 }))).toEqual([far.name])
      const without = { ...filter, op: 'nin', value: [album.name] }
      expect(names(await calls.search(probe, { filter: without }))).not.toContain(album.name)
    })

    it('orders all persons by distance', async () => {
      const { json } = await calls.search(await probeOf(mated[0]!), { threshold: 2, limit: 1000 })
      const distances = json.persons.map(
        (person: { images: { distance: number }[] }) => person.images[0]!.distance,
      )
      expect(distances).toHaveLength(GALLERY)
      expect(distances).toEqual(distances.toSorted((a: number, b: number) => a - b))
    })

    it('takes the face in the middle of a picture', async () => {
      const [left, middle, right] = [mated[1]!, mated[0]!, mated[2]!]
      const picture = await sideBySide([left.photos[0]!, middle.photos[0]!, right.photos[0]!])
      const found = names(await calls.search(picture))
      expect(found[0]).toBe(middle.name)
      expect(found).not.toContain(left.name)
      expect(found).not.toContain(right.name)
    })

    it('takes every face of a picture with detectAll', async () => {
      const three = mated.slice(0, 3)
      const picture = await sideBySide(three.map(({ photos }) => photos[0]!))
      const { json } = await calls.search(picture, { detectAll: true })
      const places = new Map<string, number>(
        json.persons.map((hit: { name: string; detection: { roi: number[] } }) => [
          hit.name,
          hit.detection.roi[0],
        ]),
      )
      const inOrder = three.map(({ name }) => places.get(name)!)
      expect(inOrder.every((x, i) => x >= i * 250 && x < (i + 1) * 250)).toBe(true)
    })

    it('finds two people of a real group photo', async () => {
      const folder = 'ageitgey-face_recognition/examples'
      const [obama, biden] = await Promise.all([
        enroll('Obama', await photo(`${folder}/obama.jpg`)),
        enroll('Biden', await photo(`${folder}/biden.jpg`)),
      ])
      const together = await photo(`${folder}/knn_examples/test/obama_and_biden.jpg`)
      expect(names(await calls.search(together, { detectAll: true }))).toEqual(
        expect.arrayContaining(['Obama', 'Biden']),
      )
      for (const id of [obama, biden]) await calls.ask('DELETE', `/persons/${id}`)
    })

    it('counts the faces of a group photo', async () => {
      const eight = await photo('exadel-CompreFace/embedding-calculator/sample_images/016_8.jpg')
      const { json } = await calls.search(eight, { detectAll: true, threshold: 2, limit: 1000 })
      const faces = new Set(
        json.persons.map(({ detection }: { detection: { roi: number[] } }) => detection.roi.join()),
      )
      expect(faces.size).toBe(8)
    })

    it.each<[string, (picture: Sharp) => Sharp]>([
      ['turned, with the EXIF tag that says so', (it) => it.rotate(270).withMetadata({ orientation: 6 })],
      ['mirrored, with the EXIF tag that says so', (it) => it.flop().withMetadata({ orientation: 2 })],
      ['in grey', (it) => it.greyscale()],
      ['of half the size', (it) => it.resize(125)],
      ['of twice the size', (it) => it.resize(500)],
      ['as PNG with alpha', (it) => it.ensureAlpha(0.9).png()],
      ['as 16-bit PNG', (it) => it.toColourspace('rgb16').png()],
      ['as CMYK JPEG', (it) => it.toColourspace('cmyk').jpeg()],
      ['as WebP', (it) => it.webp()],
      ['poorly compressed', (it) => it.jpeg({ quality: 30 })],
      ['tilted by 20 degrees', (it) => it.rotate(20)],
    ])('finds people by their photo %s', async (_kind, change) => {
      for (const { name, photos } of mated.slice(0, 3)) {
        const probe = await change(sharp(await readFile(photos[0]!))).toBuffer()
        const { status, json } = await calls.search(probe)
        expect([status, json.persons[0]?.name]).toEqual([200, name])
      }
    })

    it('finds a person with the head turned to the left and to the right, before everybody else', async () => {
      const pose = (file: string) =>
        photo(`deepinsight-insightface/cpp-package/inspireface/test_res/data/pose/${file}`)
      const id = await enroll('Turned', await pose('lower_face.jpeg'))
      for (const file of ['left_face.jpeg', 'right_face.png']) {
        expect(names(await calls.search(await pose(file), { threshold: 2, limit: 1 }))).toEqual(['Turned'])
      }
      await calls.ask('DELETE', `/persons/${id}`)
    })

    it('finds who looks like somebody enrolled, by person and by image, without a picture', async () => {
      const { name, photos } = mated[0]!
      const id = await enroll('Double', await readFile(photos[1]!))
      const byPerson = await calls.ask('POST', '/search', { personId: ids.get(name), threshold: 2, limit: 5 })
      expect(names(byPerson)[0]).toBe('Double')
      const [imageId] = await calls.imageIds(ids.get(name)!)
      const byImage = await calls.ask('POST', '/search', { imageId, includeSelf: true, limit: 1 })
      expect(byImage.json.persons[0]).toMatchObject({ name, images: [{ cosine: 1, distance: 0 }] })
      await calls.ask('DELETE', `/persons/${id}`)
    })

    it('does not find a person any more once it is deleted', async () => {
      const album = mated[3]!
      const probe = await readFile(album.photos[0]!)
      expect(names(await calls.search(probe))).toContain(album.name)
      expect((await calls.ask('DELETE', `/persons/${ids.get(album.name)}`)).status).toBe(204)
      expect(names(await calls.search(probe))).not.toContain(album.name)
      ids.set(album.name, await enroll(album.name, probe))
      expect(names(await calls.search(probe))).toContain(album.name)
    })

    it('does not find a person by a deleted image, and still by the one that stays', async () => {
      const [first, second] = await Promise.all(
        strangers.slice(0, 2).map(({ photos }) => readFile(photos[0]!)),
      )
      const id = await enroll('Two faces', first!)
      await calls.addImage(id, second!)
      const [, oldest] = await calls.imageIds(id)
      expect((await calls.ask('DELETE', `/persons/${id}/images/${oldest}`)).status).toBe(204)
      expect(names(await calls.search(first!))).not.toContain('Two faces')
      expect(names(await calls.search(second!))).toContain('Two faces')
      await calls.ask('DELETE', `/persons/${id}`)
    })

    it('does not find a person from the moment it expires', async () => {
      const picture = await readFile(strangers[2]!.photos[0]!)
      const expiry = Date.now() + 8_000
      const id = await enroll('Guest', picture, { expireAt: new Date(expiry).toISOString() })
      expect(names(await calls.search(picture))).toContain('Guest')
      await new Promise((resolve) => setTimeout(resolve, expiry - Date.now() + 1))
      const [found, read] = await Promise.all([calls.search(picture), calls.ask('GET', `/persons/${id}`)])
      expect(names(found)).not.toContain('Guest')
      expect(read.status).toBe(404)
    })

    it('makes one person out of many who ask at once to be created', async () => {
      const picture = await readFile(strangers[3]!.photos[0]!)
      const request = { createPerson: { name: 'Newcomer', metadata: {} } }
      const answers = await Promise.all(Array.from({ length: 6 }, () => calls.search(picture, request)))
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 200, 200, 200, 200, 201])
      const { id } = answers.find(({ status }) => status === 201)!.json
      const found = answers.filter(({ status }) => status === 200)
      expect(found.map(({ json }) => json.persons[0].id)).toEqual(found.map(() => id))
      await calls.ask('DELETE', `/persons/${id}`)
    })

    it('answers the same after a restart', async () => {
      const ask = async () => {
        const answers = await inParallel(mated.slice(0, 8), CLIENTS, async (album) =>
          calls.search(await probeOf(album), { threshold: 2, limit: 5 }),
        )
        return answers.map(({ json }) =>
          json.persons.map((hit: { id: string; images: { id: string; distance: number }[] }) => [
            hit.id,
            ...hit.images.map(({ id, distance }) => [id, distance]),
          ]),
        )
      }
      const before = await ask()
      await server.restart()
      expect(await ask()).toEqual(before)
    }, 60_000)
  },
)
