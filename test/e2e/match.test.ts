import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { availableShapes, type Installation, startInstallation } from '../servers/installation.ts'
import { findSharedData } from '../servers/shared-data.ts'
import { type Calls, callsTo } from './calls.ts'
import { type Album, drawEvenly, readAlbums, sideBySide } from './photos.ts'

const shared = findSharedData()
const PEOPLE = 12

describe.skipIf(shared === null).each(await availableShapes())('real faces compared, %s', (shape) => {
  let server: Installation
  let calls: Calls
  let people: Album[]

  const base64 = async (path: string) => (await readFile(path)).toString('base64')
  const match = async (images: readonly object[], more: object = {}) =>
    (await calls.ask('POST', '/match', { images, ...more })).json
  const photoOf = (person: number, photo: number) => base64(people[person % PEOPLE]!.photos[photo]!)

  beforeAll(async () => {
    server = await startInstallation(shape)
    calls = callsTo(server)
    const albums = await readAlbums(shared!)
    people = drawEvenly(
      albums.filter(({ photos }) => photos.length > 1),
      PEOPLE,
    )
  }, 400_000)
  afterAll(async () => {
    await server?.close()
  })

  it('tells whom two photos show: one person at least 10 of 12 times, two never', async () => {
    let mated = 0
    for (let person = 0; person < PEOPLE; person++) {
      const { code, results } = await match([
        { data: await photoOf(person, 0), type: 1 },
        { data: await photoOf(person, 1) },
        { data: await photoOf(person + 1, 0) },
      ])
      expect(code).toBe(0)
      const [same, stranger, other] = results
      if (same.similarity >= 0.75) mated++
      expect([stranger.similarity < 0.75, other.similarity < 0.75]).toEqual([true, true])
    }
    expect(mated).toBeGreaterThanOrEqual(PEOPLE - 2)
  })

  it('finds one photo the same as itself', async () => {
    const data = await photoOf(0, 0)
    const { results } = await match([{ data }, { data }])
    expect(results).toEqual([expect.objectContaining({ score: 0, similarity: 1 })])
  })

  it('compares the faces within one picture of type 4, with crops if asked', async () => {
    const [one, other] = people[0]!.photos
    const picture = await sideBySide([one!, other!])
    const { code, detections, results } = await match([{ data: picture.toString('base64'), type: 4 }], {
      outputImageParams: { crop: { type: 0, size: [300, 400] } },
    })
    expect([code, detections.length, detections[0].faces.length]).toEqual([0, 1, 2])
    expect(results).toEqual([
      expect.objectContaining({ first: 4, second: 4, firstFaceIndex: 0, secondFaceIndex: 1 }),
    ])
    for (const { crop } of detections[0].faces)
      expect(Buffer.from(crop, 'base64').subarray(0, 2).toString('hex')).toBe('ffd8')
  })

  it('compares and searches in one, with the distances that a search has', async () => {
    const id = await calls.createPerson({ name: people[1]!.name })
    await calls.addImage(id, await readFile(people[1]!.photos[0]!))
    const probe = await readFile(people[1]!.photos[1]!)
    const { json } = await calls.ask('POST', '/match_and_search', {
      images: [{ content: probe.toString('base64') }, { content: await photoOf(2, 0) }],
      threshold: 2,
    })
    const searched = await calls.search(probe, { threshold: 2 })
    const [face] = json.detections[0].faces
    expect([json.code, json.results.length, face.persons[0].id]).toEqual([0, 1, id])
    expect(face.persons[0].images[0].distance).toBe(searched.json.persons[0].images[0].distance)
  })

  it('says which picture has no face, and that nothing could be compared', async () => {
    const { code, detections } = await match([
      { data: await photoOf(0, 0) },
      { data: Buffer.from('not a picture').toString('base64') },
    ])
    expect([code, detections[0].status, detections[1].status]).toEqual([237, 0, 6])
  })
})
