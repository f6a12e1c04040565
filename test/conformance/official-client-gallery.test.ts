import type { FaceSdk } from '@regulaforensics/facesdk-webclient'
import { describedAnswers } from '@semblance/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { availableShapes, type Installation, startInstallation } from '../servers/installation.ts'
import { findSharedData } from '../servers/shared-data.ts'
import { type OfficialSdk, openOfficialSdk } from './official-sdk.ts'
import { samplePhotos } from './sample-photos.ts'

const shared = findSharedData()
const { gul, biden, obama, twoPeople, faceless } = samplePhotos(shared)
/** What the client has calls for, beside its probe, which the description lacks, and those of faces alone. */
const CALLED = ['/api/persons', '/api/groups', '/api/search']
const nobody = '01936a5c-7e1d-7c3a-9f52-6d0a4b1c8e77'

describe.skipIf(shared === null).each(await availableShapes())(
  'the official client on a gallery, %s',
  (shape) => {
    let server: Installation
    let sdk: FaceSdk
    let described: OfficialSdk['described']

    beforeAll(async () => {
      server = await startInstallation(shape)
      ;({ sdk, described } = openOfficialSdk(server))
    })
    afterAll(() => server?.close())

    const createPerson = (name: string, groups?: string[]) =>
      sdk.personApi.createPerson({ name, ...(groups ? { groups } : {}) } as Parameters<
        typeof sdk.personApi.createPerson
      >[0])
    const createGroup = (name: string) => sdk.groupApi.createGroup({ name, metadata: {} })
    const enroll = (personId: string, content: ArrayBuffer | Buffer | string) =>
      sdk.personApi.addImageToPerson(personId, { image: { content } } as Parameters<
        typeof sdk.personApi.addImageToPerson
      >[1])
    const search = (request: object) =>
      sdk.searchApi.search(request as Parameters<typeof sdk.searchApi.search>[0])
    const ids = (page: { items?: readonly { id?: string }[] } | undefined) =>
      page?.items?.map(({ id }) => id) ?? []

    describe('persons', () => {
      it('creates, reads, updates and deletes one', async () => {
        const created = await sdk.personApi.createPerson({
          name: 'Ada',
          externalId: 'employee-1815',
          metadata: { 'a.b': 1, nested: { $set: ['x'] } },
          groups: [],
        } as unknown as Parameters<typeof sdk.personApi.createPerson>[0])
        expect(created).toMatchObject({ name: 'Ada', metadata: { 'a.b': 1, nested: { $set: ['x'] } } })
        const id = created.id!

        const update = { name: 'Ada Lovelace', metadata: { b: 2 } }
        await sdk.personApi.updatePerson(
          id,
          update as unknown as Parameters<typeof sdk.personApi.updatePerson>[1],
        )
        expect(await sdk.personApi.getPerson(id)).toMatchObject({
          id,
          name: 'Ada Lovelace',
          metadata: { b: 2 },
          externalId: 'employee-1815',
        })

        await sdk.personApi.deletePerson(id)
        await expect(sdk.personApi.getPerson(id)).rejects.toMatchObject({ response: { status: 404 } })
      })

      it('puts a person without groups into a Default group', async () => {
        const { id } = await createPerson('Without a group')
        const page = await sdk.personApi.getAllGroupsByPersonId(1, 10, id!)
        expect(page.items?.map(({ name }) => name)).toEqual(['Default'])
      })
    })

    describe('images of a person', () => {
      it.each([
        ['a Node buffer', (bytes: Buffer) => bytes],
        ['an ArrayBuffer', (bytes: Buffer) => new Uint8Array(bytes).buffer],
        ['Base64 text', (bytes: Buffer) => bytes.toString('base64')],
      ])('are added from %s', async (_kind, encode) => {
        const { id } = await createPerson('Gul')
        const image = await enroll(id!, encode(await gul('0001')))
        expect(image).toMatchObject({ contentType: 'image/jpeg' })
        const page = await sdk.personApi.getAllImagesByPersonId(1, 10, id!)
        expect(ids(page)).toEqual([image.id])
        await sdk.personApi.deletePerson(id!)
      })

      it('come back byte by byte, page by page, newest first, and go when deleted', async () => {
        const { id } = await createPerson('Gul')
        const bytes = await gul('0001')
        const older = await enroll(id!, Buffer.from(bytes))
        const newer = await enroll(id!, await gul('0002'))
        const options = { responseType: 'arraybuffer' } as const
        const picture = await sdk.personApi.getImageOfPerson(older.id!, id!, undefined, options)
        expect(Buffer.from(picture as ArrayBuffer).equals(bytes)).toBe(true)

        const first = await sdk.personApi.getAllImagesByPersonId(1, 1, id!)
        expect([ids(first), first.page, first.totalPages]).toEqual([[newer.id], 1, 2])
        expect(ids(await sdk.personApi.getAllImagesByPersonId(2, 1, id!))).toEqual([older.id])

        await sdk.personApi.deleteImageOfPerson(older.id!, id!)
        expect(ids(await sdk.personApi.getAllImagesByPersonId(1, 10, id!))).toEqual([newer.id])
        await expect(sdk.personApi.getImageOfPerson(older.id!, id!)).rejects.toMatchObject({
          response: { status: 404, data: { type: 'ImageNotFound' } },
        })
        await sdk.personApi.deletePerson(id!)
      })
    })

    describe('groups', () => {
      it('are created, read, updated without metadata, and deleted', async () => {
        const group = await sdk.groupApi.createGroup({ name: 'Visitors', metadata: { floor: { number: 3 } } })
        expect(group).toMatchObject({ name: 'Visitors', metadata: { floor: { number: 3 } } })
        const update = { name: 'Guests' } as Parameters<typeof sdk.groupApi.updateGroup>[1]
        await sdk.groupApi.updateGroup(group.id!, update)
        expect(await sdk.groupApi.getGroup(group.id!)).toMatchObject({
          name: 'Guests',
          metadata: { floor: { number: 3 } },
        })
        await sdk.groupApi.deleteGroup(group.id!)
        await expect(sdk.groupApi.getGroup(group.id!)).rejects.toMatchObject({ response: { status: 404 } })
      })

      it('are listed by pages', async () => {
        const made = []
        for (const name of ['1', '2', '3', '4']) made.push((await createGroup(name)).id)
        const page = await sdk.groupApi.getAllGroups(2, 2)
        expect([page.items?.length, page.page]).toEqual([2, 2])
        const everything = ids(await sdk.groupApi.getAllGroups(1, 1000))
        expect(everything).toEqual(expect.arrayContaining(made))
        for (const id of made) await sdk.groupApi.deleteGroup(id!)
      })

      it('take persons in and let them go, and keep the persons when deleted', async () => {
        const group = await createGroup('Staff')
        const inside = await createPerson('Inside', [group.id!])
        const outside = await createPerson('Outside')
        await sdk.groupApi.updatePersonsInGroup(group.id!, {
          addItems: [outside.id!],
          removeItems: [inside.id!],
        })
        expect(ids(await sdk.groupApi.getAllPersonsByGroupId(1, 10, group.id!))).toEqual([outside.id])
        expect(ids(await sdk.personApi.getAllGroupsByPersonId(1, 10, outside.id!))).toContain(group.id)
        await sdk.groupApi.deleteGroup(group.id!)
        expect((await sdk.personApi.getPerson(outside.id!)).groups).not.toContain(group.id)
      })
    })

    describe('search', () => {
      let visitors: string
      let gulId: string
      let bidenId: string

      beforeAll(async () => {
        visitors = (await createGroup('Search visitors')).id!
        gulId = (await createPerson('Abdullah Gul', [visitors])).id!
        bidenId = (await createPerson('Joe Biden')).id!
        await enroll(gulId, await gul('0001'))
        await enroll(gulId, await gul('0002'))
        await enroll(bidenId, await biden())
      })

      it('finds the person of another photo, with path, url, distance and similarity', async () => {
        const result = await search({ image: { content: await gul('0004') } })
        expect(result.code).toBe(0)
        const [best] = result.persons!
        expect(best).toMatchObject({ id: gulId, name: 'Abdullah Gul', groups: [visitors] })
        const [image] = best!.images!
        expect(image!.path).not.toBe('')
        expect(image!.distance).toBeLessThanOrEqual(1)
        expect(image!.similarity).toBeGreaterThanOrEqual(0.75)
        const picture = await fetch(image!.url!)
        expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/jpeg'])
      })

      it('looks in the given groups alone', async () => {
        const found = await search({ image: { content: await gul('0004') }, groupIds: [visitors] })
        expect(ids({ items: found.persons! })).toEqual([gulId])
        const elsewhere = await search({ image: { content: await biden() }, groupIds: [visitors] })
        expect(elsewhere).toMatchObject({ code: 0, persons: [] })
      })

      it('holds to threshold and limit', async () => {
        const strict = await search({ image: { content: await gul('0004') }, threshold: 0 })
        expect(strict.persons).toEqual([])
        const anybody = { image: { content: await gul('0004') }, threshold: 2 }
        const everybody = await search(anybody)
        expect(ids({ items: everybody.persons! })).toEqual([gulId, bidenId])
        expect(ids({ items: (await search({ ...anybody, limit: 1 })).persons! })).toEqual([gulId])
      })

      it('tells the faces of a group photo apart with detectAll', async () => {
        const image = { content: await twoPeople() }
        const result = await search({ image, detectAll: true, threshold: 2, limit: 10 })
        const detections = (result.persons as unknown as { detection: { roi: number[] } }[]).map(
          ({ detection }) => detection.roi.join(),
        )
        expect(new Set(detections).size).toBe(2)
      })

      it('crops the face as asked', async () => {
        const crop = { type: 0, size: [300, 400], padColor: [128, 128, 128] }
        const result = await search({
          image: { content: await gul('0004') },
          outputImageParams: { backgroundColor: [255, 255, 255], crop },
        })
        const detection = result.persons![0]!.detection as unknown as { crop: string; landmarks: number[][] }
        expect(Buffer.from(detection.crop, 'base64').subarray(0, 3)).toEqual(Buffer.from([0xff, 0xd8, 0xff]))
        expect(detection.landmarks).toHaveLength(5)
        expect(detection.landmarks.flat().every(Number.isInteger)).toBe(true)
      })

      it('filters by name', async () => {
        const request = { image: { content: await gul('0004') }, threshold: 2 }
        const filter = { op: 'nin', field: 'name', value: ['Abdullah Gul'] }
        expect(ids({ items: (await search({ ...request, filter })).persons! })).toEqual([bidenId])
        const only = { ...filter, op: 'in' }
        expect(ids({ items: (await search({ ...request, filter: only })).persons! })).toEqual([gulId])
      })

      it('shrinks the picture as told and still finds', async () => {
        const resizeOptions = { width: 200, height: 200, quality: 99 }
        const result = await search({ image: { content: await gul('0004'), resizeOptions } })
        expect(result.persons![0]!.id).toBe(gulId)
      })

      it('creates the person it does not know with 201, and finds it the next time with 200', async () => {
        const group = (await createGroup('Newcomers')).id!
        const image = { content: await obama() }
        const createPersonFields = { name: 'Obama', metadata: { seen: 'gate' } }
        const request = { image, groupIds: [group], createPerson: createPersonFields }
        const created = (await search(request)) as unknown as Record<string, unknown>
        expect(created).toMatchObject({ ...createPersonFields, groups: [group] })
        expect(ids(await sdk.personApi.getAllImagesByPersonId(1, 10, String(created.id)))).toHaveLength(1)

        const again = await search(request)
        expect([again.code, ids({ items: again.persons! })]).toEqual([0, [created.id]])
        expect(ids(await sdk.groupApi.getAllPersonsByGroupId(1, 10, group))).toEqual([created.id])
      })

      it('answers code 2 where there is no face and code 6 where there is no picture', async () => {
        expect(await search({ image: { content: await faceless() } })).toMatchObject({ code: 2, persons: [] })
        const text = Buffer.from('no picture')
        expect(await search({ image: { content: text } })).toMatchObject({ code: 6, persons: [] })
      })
    })

    describe('diagnostics', () => {
      it('is ready', async () => {
        expect(await sdk.diagnosticsApi.readiness()).toMatchObject({ app: 'Semblance' })
      })
    })

    describe('errors, as the client reports them', () => {
      it.each<[string, () => Promise<unknown>]>([
        ['getPerson', () => sdk.personApi.getPerson(nobody)],
        ['updatePerson', () => sdk.personApi.updatePerson(nobody, { name: 'x', metadata: {} } as never)],
        ['deletePerson', () => sdk.personApi.deletePerson(nobody)],
        ['getAllImagesByPersonId', () => sdk.personApi.getAllImagesByPersonId(1, 1, nobody)],
        ['getAllGroupsByPersonId', () => sdk.personApi.getAllGroupsByPersonId(1, 1, nobody)],
        ['addImageToPerson', async () => enroll(nobody, await gul('0001'))],
        ['getImageOfPerson', () => sdk.personApi.getImageOfPerson(nobody, nobody)],
        ['deleteImageOfPerson', () => sdk.personApi.deleteImageOfPerson(nobody, nobody)],
        ['getGroup', () => sdk.groupApi.getGroup(nobody)],
        ['updateGroup', () => sdk.groupApi.updateGroup(nobody, { name: 'x', metadata: {} })],
        ['deleteGroup', () => sdk.groupApi.deleteGroup(nobody)],
        ['getAllPersonsByGroupId', () => sdk.groupApi.getAllPersonsByGroupId(1, 1, nobody)],
        ['updatePersonsInGroup', () => sdk.groupApi.updatePersonsInGroup(nobody, { addItems: [] })],
      ])('%s of what is not there: 404', async (_call, ask) => {
        await expect(ask()).rejects.toMatchObject({
          response: { status: 404, data: { statusCode: 404, type: expect.stringMatching(/NotFound$/) } },
        })
      })

      it.each<[string, () => Promise<unknown>]>([
        ['createPerson without a name', () => sdk.personApi.createPerson({ metadata: {} } as never)],
        ['createPerson in an unknown group', () => createPerson('x', [nobody])],
        ['getPerson by a malformed id', () => sdk.personApi.getPerson('12')],
        ['getAllGroups from page 0', () => sdk.groupApi.getAllGroups(0, 10)],
        ['search without a picture', () => search({ groupIds: [] })],
        [
          'search with a threshold of 3',
          async () => search({ image: { content: await gul('0001') }, threshold: 3 }),
        ],
      ])('%s: 400', async (_call, ask) => {
        await expect(ask()).rejects.toMatchObject({
          response: { status: 400, data: { statusCode: 400, type: 'BadParamsException' } },
        })
      })

      it('an image without a face: 400, and nothing is stored', async () => {
        const { id } = await createPerson('Faceless')
        await expect(enroll(id!, await faceless())).rejects.toMatchObject({
          response: { status: 400, data: { type: 'FaceNotDetected' } },
        })
        expect(ids(await sdk.personApi.getAllImagesByPersonId(1, 10, id!))).toEqual([])
      })
    })

    it('gets every answer of success that is described, as it is described', () => {
      const successes = describedAnswers(CALLED).filter((answer) => / 20\d$/.test(answer))
      expect(successes.filter((answer) => !described.has(answer))).toEqual([])
    })
  },
)
