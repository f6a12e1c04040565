import type { FaceSdk } from '@regulaforensics/facesdk-webclient'
import { describedAnswers } from '@semblance/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { availableShapes, type Installation, startInstallation } from '../servers/installation.ts'
import { findSharedData } from '../servers/shared-data.ts'
import { type OfficialSdk, openOfficialSdk } from './official-sdk.ts'
import { samplePhotos } from './sample-photos.ts'

const shared = findSharedData()
const { gul, biden, twoPeople, faceless } = samplePhotos(shared)

describe.skipIf(shared === null).each(await availableShapes())(
  'the official client on faces alone, %s',
  (shape) => {
    let server: Installation
    let sdk: FaceSdk
    let described: OfficialSdk['described']

    beforeAll(async () => {
      server = await startInstallation(shape)
      ;({ sdk, described } = openOfficialSdk(server))
    })
    afterAll(() => server?.close())

    describe('detect', () => {
      const detect = (request: object) =>
        sdk.matchingApi.detect(request as Parameters<typeof sdk.matchingApi.detect>[0])
      const facesOf = async (request: object) => (await detect(request)).results?.detections ?? []

      it('finds the faces of a picture, in whole pixels', async () => {
        const image = await twoPeople()
        const answer = await detect({ image, processParam: { onlyCentralFace: false } })
        expect([answer.code, answer.results?.detections?.length]).toEqual([0, 2])
        for (const face of answer.results?.detections ?? [])
          expect(face.landmarks?.flat().every(Number.isInteger)).toBe(true)
      })

      it('judges a portrait, tells age and expression, and crops, each by its scenario', async () => {
        const image = await biden()
        const [judged] = await facesOf({ image, processParam: { scenario: 'QualityICAO' } })
        expect(judged?.quality?.details).toHaveLength(48)
        const [told] = await facesOf({ image, processParam: { scenario: 'AttributesAll' } })
        expect(told?.attributes?.details?.map(({ name }) => name).slice(0, 2)).toEqual(['Age', 'Emotion'])
        const [cropped] = await facesOf({ image, processParam: { scenario: 'CropCentralFace' } })
        expect(cropped?.crop).toMatch(/^\/9j\//)
      })

      it('reads the fields of its older examples', async () => {
        const image = await biden()
        const [face] = await facesOf({ image, thumbnails: true, onlyCentralFace: true, attributes: true })
        expect([typeof face?.crop, face?.attributes?.details?.length]).toEqual(['string', 13])
      })

      it('answers a picture without a face or that is none with a code', async () => {
        expect(await detect({ image: await faceless() })).toMatchObject({
          code: 2,
          results: { detections: [] },
        })
        const text = Buffer.from('no picture')
        expect(await detect({ image: text })).toMatchObject({ code: 6, results: { detections: [] } })
      })
    })

    describe('match', () => {
      const match = (images: readonly object[], more: object = {}) =>
        sdk.matchingApi.match({ images, ...more } as unknown as Parameters<typeof sdk.matchingApi.match>[0])

      it('compares pictures of some types, numbered or not, with what it adds itself', async () => {
        const [one, other, stranger] = [await gul('0002'), await gul('0004'), await biden()]
        const answer = await match([
          { type: 1, data: one, index: 4 },
          { data: other },
          { type: 3, data: stranger, index: 0 },
        ])
        const told = answer.results?.map((pair) => [
          pair.firstIndex,
          pair.secondIndex,
          (pair.similarity ?? 0) > 0.75,
        ])
        expect([answer.code, told]).toEqual([
          0,
          [
            [4, 1, true],
            [4, 0, false],
            [1, 0, false],
          ],
        ])
        expect(answer.results?.map(({ first, second }) => [first, second])).toEqual([
          [1, 3],
          [1, 3],
          [3, 3],
        ])
      })

      it('reads thumbnails of every face, as its older examples do', async () => {
        const [one, two] = [await biden(), await twoPeople()]
        const images = [{ data: one }, { data: two, detectAll: true }]
        const { detections = [], results } = await match(images, { thumbnails: true })
        const faces = detections.flatMap((found) => found.faces as unknown as { thumbnail: string }[])
        expect(faces.map(({ thumbnail }) => thumbnail.slice(0, 4))).toEqual(['/9j/', '/9j/', '/9j/'])
        expect(results).toHaveLength(2)
      })

      it.each<[string, number, () => Promise<object>[]]>([
        ['a single picture', 224, () => [gul('0001')]],
        ['three of one type', 238, () => [gul('0001'), gul('0002'), gul('0004')]],
        ['a picture without a second face', 237, () => [gul('0001'), Promise.resolve(Buffer.from('x'))]],
      ])('answers %s with code %i', async (_what, code, pictures) => {
        const images = (await Promise.all(pictures())).map((data) => ({ type: 3, data }))
        expect(await match(images)).toMatchObject({ code, results: [] })
      })
    })

    it('gets each answer as it is described', () => {
      const calls = describedAnswers(['/api/detect', '/api/match'])
      // The client has no call for match_and_search, and there is no licence that could lack.
      const wanted = calls.filter((answer) => !/_and_search|403/.test(answer))
      expect([...described].toSorted()).toEqual(wanted.toSorted())
    })
  },
)
