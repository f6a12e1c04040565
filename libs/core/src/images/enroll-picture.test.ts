import { beforeEach, expect, it } from 'vitest'
import { engineFailed } from '../errors.ts'
import type { ImageId, PersonId } from '../ids.ts'
import { deletePerson } from '../persons/delete-person.ts'
import { updatePerson } from '../persons/update-person.ts'
import type { FaceEngine } from '../ports/face-engine.ts'
import {
  aPicture,
  createFakeFaceEngine,
  expectSettled,
  GOOD_PARTS,
  makePerson,
  ofQuality,
  openTestGallery,
  recordSteps,
  type TestGallery,
} from '../testing/index.ts'
import { enrollPicture } from './enroll-picture.ts'

const WORK = { lane: 'enroll' } as const

let gallery: TestGallery
let personId: PersonId
beforeEach(async () => {
  gallery = openTestGallery()
  personId = (await makePerson(gallery)).id
})

const aJob = () => ({
  imageId: gallery.newId<ImageId>(),
  personId,
  picture: aPicture({ identities: ['ada'] }),
})

/** An engine that takes its time: something else is done before it answers. */
function engineDuring(act: () => Promise<unknown>): FaceEngine {
  const engine = createFakeFaceEngine()
  const findFaces: FaceEngine['findFaces'] = async (picture, request, work) => {
    await act()
    return engine.findFaces(picture, request, work)
  }
  return { ...engine, findFaces }
}

it('reads its person twice: before the engine, and after the vector is written', async () => {
  const { gallery: recorded, steps } = recordSteps(gallery)
  await enrollPicture({ gallery: recorded, engine: createFakeFaceEngine() }, aJob(), WORK)
  const calls = steps.map(({ port, method }) => `${port}.${method}`)
  expect(calls.filter((call) => call.startsWith('persons.'))).toEqual(['persons.find', 'persons.find'])
  expect(calls.lastIndexOf('persons.find')).toBeGreaterThan(calls.indexOf('index.upsert'))
})

it('is found by what the person was changed to while the engine was at work', async () => {
  const engine = engineDuring(() => updatePerson(gallery, { id: personId, name: 'Grace' }))
  expect((await enrollPicture({ gallery, engine }, aJob(), WORK)).outcome).toBe('added')
  await expectSettled(gallery)
  expect(gallery.index.entries()[0]?.payload.name).toBe('Grace')
})

it('leaves nothing of a person who was deleted while the engine was at work', async () => {
  const engine = engineDuring(() => deletePerson(gallery, personId))
  expect(await enrollPicture({ gallery, engine }, aJob(), WORK)).toEqual({ outcome: 'person-not-found' })
  await expectSettled(gallery)
  expect(gallery.index.entries()).toEqual([])
})

it('stores nothing where a network gives what cannot be, and tells which', async () => {
  const why = 'network descriptor-m of model pack builtin@2 does not give 192 numbers for each chip'
  const engine = engineDuring(() => Promise.reject(engineFailed(new Error(why), why)))
  await expect(enrollPicture({ gallery, engine }, aJob(), WORK)).rejects.toMatchObject({
    code: 'E_ENGINE_FAILED',
    message: `the face engine failed: ${why}`,
  })
  await expectSettled(gallery)
  expect(gallery.index.entries()).toEqual([])
  expect((await gallery.records.countEnrolled()).images).toBe(0)
})

it('keeps with the image how good and how damaged its face is', async () => {
  const engine = ofQuality(createFakeFaceEngine(), { value: 81.5, parts: GOOD_PARTS, damage: 0.4 })
  const job = aJob()
  await enrollPicture({ gallery, engine }, job, WORK)
  expect(await gallery.records.images.find(job.imageId)).toMatchObject({ quality: 81.5, damage: 0.4 })
})

it('stores nothing of a face that the gate refuses, and names each limit that it breaks', async () => {
  const engine = ofQuality(createFakeFaceEngine(), { value: 40, parts: { ...GOOD_PARTS, size: 20 } })
  const gate = [
    { name: 'BlurLevel', range: [0, 0.1] },
    { name: 'Roll', range: [-5, 5] },
    { name: 'Smile', range: [0, 0] },
    { name: 'faceQuality', range: [50, 100] },
    { name: 'faceQuality.size', range: [20, 100] },
  ] as const
  expect(await enrollPicture({ gallery, engine }, { ...aJob(), gate }, WORK)).toEqual({
    outcome: 'low-quality',
    broken: [
      { characteristic: 'BlurLevel', value: 0.2, range: [0, 0.1] },
      { characteristic: 'faceQuality', value: 40, range: [50, 100] },
    ],
  })
  await expectSettled(gallery)
  expect(gallery.index.entries()).toEqual([])
  expect((await gallery.records.countEnrolled()).images).toBe(0)
  const good = { ...aJob(), gate: gate.slice(1, 3) }
  expect((await enrollPicture({ gallery, engine }, good, WORK)).outcome).toBe('added')
})
