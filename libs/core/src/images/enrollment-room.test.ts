import { beforeEach, expect, it } from 'vitest'
import { storageFull } from '../errors.ts'
import type { ImageId, PersonId } from '../ids.ts'
import type { FaceEngine } from '../ports/face-engine.ts'
import {
  aPicture,
  createFakeFaceEngine,
  makePerson,
  openTestGallery,
  type TestGallery,
} from '../testing/index.ts'
import { enrollPicture } from './enroll-picture.ts'
import { type EnrollmentRoom, rememberedRoom } from './enrollment-room.ts'

const WORK = { lane: 'enroll' } as const

let gallery: TestGallery
let personId: PersonId
let findings: number
let engine: FaceEngine
beforeEach(async () => {
  gallery = openTestGallery()
  personId = (await makePerson(gallery)).id
  findings = 0
  const fake = createFakeFaceEngine()
  const findFaces: FaceEngine['findFaces'] = (...asked) => {
    findings++
    return fake.findFaces(...asked)
  }
  engine = { ...fake, findFaces }
})

const enroll = (room: EnrollmentRoom) => {
  const job = { imageId: gallery.newId<ImageId>(), personId, picture: aPicture() }
  return enrollPicture({ gallery: { ...gallery, room }, engine }, job, WORK)
}

it('looks for no face where there is no room', async () => {
  const full = () => {
    throw storageFull()
  }
  await expect(enroll({ require: full, noteFull: () => {} })).rejects.toMatchObject({
    code: 'E_STORAGE_FULL',
  })
  expect(findings).toBe(0)
})

it('remembers for a while that a store was full, then tries again', async () => {
  let now = 0
  const room = rememberedRoom({ monotonic: () => now })
  const { put } = gallery.pictures
  gallery.pictures.put = async () => {
    throw storageFull('MongoDB is full')
  }
  for (let n = 0; n < 5; n++) await expect(enroll(room)).rejects.toMatchObject({ code: 'E_STORAGE_FULL' })
  expect(findings).toBe(1)
  gallery.pictures.put = put
  now = 10_000
  expect((await enroll(room)).outcome).toBe('added')
})
