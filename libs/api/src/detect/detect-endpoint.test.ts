import { QUALITY_NAMES } from '@semblance/core'
import type { DetectPayload } from '@semblance/jobs'
import { aPicture } from '@semblance/testkit'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestQueue, openTestApi, type TestApi } from '../testing/open-test-api.ts'

let api: TestApi
beforeAll(async () => {
  api = await openTestApi()
})
afterAll(() => api.close())

const picture = (...identities: string[]) => Buffer.from(aPicture({ identities })).toString('base64')

/** Every answer is compared with the public description on its way. */
function detect(processParam: unknown = null, more: object = {}) {
  return api.ask('POST', '/api/detect', { body: { image: picture('ada', 'bob'), processParam, ...more } })
}

async function detections(processParam: unknown = null, more: object = {}) {
  const { json } = await detect(processParam, more)
  return json.results.detections
}

describe('POST /api/detect', () => {
  it('gives box and landmarks of the central face, and nothing that was not asked for', async () => {
    const { status, json } = await detect()
    expect([status, json.code]).toEqual([200, 0])
    expect(json.results.detections).toHaveLength(1)
    expect(Object.keys(json.results.detections[0]).toSorted()).toEqual([
      'landmarks',
      'roi',
      'roiInPicture',
      'rotationAngle',
    ])
    expect(json.results.elapsedTime).toBeGreaterThanOrEqual(0)
  })

  it.each([
    ['processParam', { processParam: { onlyCentralFace: false } }],
    ['the old field', { onlyCentralFace: false }],
  ])('gives every face if %s says so', async (_, body) => {
    const { json } = await api.ask('POST', '/api/detect', {
      body: { image: picture('ada', 'bob'), ...body },
    })
    expect(json.results.detections).toHaveLength(2)
  })

  it('takes the picture as an object, too', async () => {
    const { json } = await api.ask('POST', '/api/detect', { body: { image: { content: picture('ada') } } })
    expect(json.code).toBe(0)
  })

  it('gives crops if asked for, by the old field as well', async () => {
    const [face] = await detections({ outputImageParams: { crop: { type: 0, size: [300, 400] } } })
    expect(Buffer.from(face.crop, 'base64').toString()).toBe('crop of ada')
    expect((await detections(null, { thumbnails: true }))[0].crop).toBeDefined()
  })

  it('puts the picture away again', async () => {
    await detect()
    expect(api.pictures.held.size).toBe(0)
  })
})

describe('a detection that cannot be made is answered with 200 and a code', () => {
  const ask = (body: unknown) => api.ask('POST', '/api/detect', { body })

  it.each([
    ['no face', () => ({ image: picture() }), 2],
    ['no picture behind the bytes', () => ({ image: 'AAAA' }), 6],
    ['a single byte', () => ({ image: 'M-' }), 6],
    ['no picture', () => ({}), 1],
    ['an empty picture', () => ({ image: '' }), 1],
    ['what is not Base64', () => ({ image: '***' }), 1],
    ['a link that is refused', () => ({ image: { imageUrl: 'http://localhost/x' } }), 1],
    ['a body of another kind', () => [], 203],
    ['a range of one end', () => withQuality([{ name: 'Yaw', range: [5] }]), 203],
    ['an unknown characteristic', () => withQuality([{ name: 'Beauty' }]), 203],
    ['a crop of an unknown type', () => withParams({ outputImageParams: { crop: { type: 9 } } }), 203],
  ])('%s', async (_, body, code) => {
    const { status, json } = await ask(body())
    expect([status, json.code]).toEqual([200, code])
    expect(json.msg).toMatch(/./)
    expect(json.results.detections).toEqual([])
  })

  function withParams(processParam: object) {
    return { image: picture('ada'), processParam }
  }

  function withQuality(config: readonly object[]) {
    return withParams({ quality: { config } })
  }

  it('whatever is sent', async () => {
    const params = fc.record(
      {
        scenario: fc.oneof(fc.constantFrom('QualityICAO', 'AttributesAll', '__proto__'), fc.jsonValue()),
        onlyCentralFace: fc.jsonValue(),
        outputImageParams: fc.oneof(fc.record({ crop: fc.jsonValue() }), fc.jsonValue()),
        quality: fc.oneof(
          fc.record({ config: fc.array(fc.record({ name: fc.constant('Yaw'), range: fc.jsonValue() })) }),
          fc.jsonValue(),
        ),
        attributes: fc.jsonValue(),
      },
      { requiredKeys: [] },
    )
    const image = fc.oneof(fc.constantFrom(picture('ada'), picture('ada', 'bob'), picture()), fc.jsonValue())
    await fc.assert(
      fc.asyncProperty(image, fc.oneof(params, fc.jsonValue()), async (image, processParam) => {
        const { status, json } = await ask({ image, processParam })
        expect([status, Array.isArray(json.results.detections)]).toEqual([200, true])
      }),
      { numRuns: 150 },
    )
  }, 60_000)

  it('with a message that names the field', async () => {
    const { json } = await ask(withQuality([{ name: 'Yaw', range: [5] }]))
    expect(json.msg).toContain('processParam.quality.config.0.range')
  })
})

describe('quality', () => {
  it('judges what was asked for, by the range that was given, which comes back', async () => {
    const config = [
      { name: 'ImageWidth', range: [500, 1000] },
      { name: 'Roll', range: [-5, 5] },
      { name: 'BlurLevel' },
      { name: 'ImageHeight' },
      { name: 'Smile', range: [0, 1] },
    ]
    const [{ quality }] = await detections({ quality: { config } })
    expect(quality.details).toEqual([
      { groupId: 1, name: 'ImageWidth', range: [500, 1000], status: 0, value: 400 },
      { groupId: 2, name: 'Roll', range: [-5, 5], status: 1, value: 0 },
      { groupId: 3, name: 'BlurLevel', range: [0, 0.65], status: 1, value: 0.2 },
      { groupId: 1, name: 'ImageHeight', status: 2, value: 400 },
      { groupId: 6, name: 'Smile', range: [0, 1], status: 2 },
    ])
    expect(quality.nonCompliant).toEqual(['ImageWidth'])
    expect(quality.detailsGroups).toEqual([
      { groupId: 1, name: 'ImageCharacteristics', totalCount: 2, compliantCount: 0 },
      { groupId: 2, name: 'HeadSizeAndPosition', totalCount: 1, compliantCount: 1 },
      { groupId: 3, name: 'FaceQuality', totalCount: 1, compliantCount: 1 },
      { groupId: 6, name: 'PoseAndExpression', totalCount: 1, compliantCount: 0 },
    ])
    expect(quality.score).toBeCloseTo(2 / 3)
  })

  it('has the score -1 where nothing could be judged', async () => {
    const [{ quality }] = await detections({ quality: { config: [{ name: 'Smile', range: [0, 1] }] } })
    expect(quality.score).toBe(-1)
  })

  it.each([
    ['an empty list', { quality: { config: [] } }],
    ['no list', { quality: {} }],
    ['QualityFull', { scenario: 'QualityFull', quality: { config: [{ name: 'Roll' }] } }],
    ['QualityICAO', { scenario: 'QualityICAO' }],
    ['QualityVisaSchengen', { scenario: 'QualityVisaSchengen' }],
    ['QualityVisaUSA', { scenario: 'QualityVisaUSA' }],
  ])('names every characteristic of the contract for %s', async (_, processParam) => {
    const [{ quality }] = await detections(processParam)
    expect(quality.details.map(({ name }: { name: string }) => name)).toEqual(QUALITY_NAMES)
    const undetermined = quality.details.filter(({ status }: { status: number }) => status === 2)
    expect(undetermined.length).toBeGreaterThanOrEqual(31)
  })

  it('counts the other faces, also when only the central one is shown', async () => {
    const [{ quality }] = await detections({ quality: { config: [{ name: 'OtherFaces' }] } })
    expect(quality.details).toEqual([{ groupId: 8, name: 'OtherFaces', range: [0, 0], status: 0, value: 1 }])
  })
})

describe('attributes', () => {
  it('are age and emotion; every other one is undetermined', async () => {
    const [{ attributes }] = await detections({ scenario: 'AttributesAll' })
    expect(attributes.details).toHaveLength(13)
    expect(attributes.details.slice(0, 2)).toEqual([
      { name: 'Age', value: [28, 32] },
      { name: 'Emotion', value: 'neutral', confidence: 0.9, expression: 'neutral' },
    ])
    for (const { value, confidence } of attributes.details.slice(2))
      expect([value, confidence]).toEqual(['undetermined', 0])
  })

  it('are only those that were named', async () => {
    const config = [{ name: 'Glasses' }, { name: 'Age' }, { name: 'Age' }]
    const [{ attributes }] = await detections({ attributes: { config } })
    expect(attributes.details.map(({ name }: { name: string }) => name)).toEqual(['Glasses', 'Age'])
  })
})

describe('scenarios', () => {
  /** What the request comes to. */
  async function payloadOf(processParam: object): Promise<DetectPayload> {
    const payloads: unknown[] = []
    const queue = createTestQueue(async ({ payload }) => {
      payloads.push(payload)
      return { outcome: 'no-face' }
    })
    const asked = await openTestApi({ queue })
    await asked.ask('POST', '/api/detect', { body: { image: picture('ada'), processParam } })
    await asked.close()
    return payloads[0] as DetectPayload
  }

  const everything = {
    onlyCentralFace: false,
    outputImageParams: { crop: { type: 3, size: [100, 100], padColor: [1, 2, 3] } },
    quality: { config: [{ name: 'Roll' }] },
    attributes: { config: [{ name: 'Age' }] },
  }

  it('CropCentralFace and CropAllFaces crop as asked, of the faces that they name', async () => {
    const central = await payloadOf({ ...everything, scenario: 'CropCentralFace' })
    expect(central).toMatchObject({ onlyCentralFace: true, quality: null, attributes: [] })
    expect(central.crop).toEqual({
      ratio: { width: 1, height: 1 },
      size: { width: 100, height: 100 },
      padColor: [1, 2, 3],
    })
    const all = await payloadOf({ scenario: 'CropAllFaces', onlyCentralFace: true })
    expect(all).toMatchObject({
      onlyCentralFace: false,
      crop: { ratio: { width: 3, height: 4 }, size: null },
    })
  })

  it('Thumbnail is a crop of 3:4 at the own size of the central face', async () => {
    const payload = await payloadOf({ ...everything, scenario: 'Thumbnail' })
    expect(payload).toMatchObject({
      onlyCentralFace: true,
      crop: { ratio: { width: 3, height: 4 }, size: null },
    })
  })

  it('AttributesAll asks for both attributes that there are', async () => {
    const payload = await payloadOf({ ...everything, scenario: 'AttributesAll' })
    expect(payload).toMatchObject({ attributes: ['age', 'emotion'], quality: null, onlyCentralFace: false })
  })

  it('OldMode gives places only', async () => {
    const payload = await payloadOf({ ...everything, scenario: 'OldMode' })
    expect(payload).toMatchObject({ crop: null, quality: null, attributes: [] })
  })

  it.each([
    'QUALITY_FULL',
    'cropAllFaces',
    '',
    'constructor',
  ])('the unknown name "%s" leaves the request as it is and comes back', async (scenario) => {
    const payload = await payloadOf({ ...everything, scenario })
    expect(payload).toMatchObject({ onlyCentralFace: false, attributes: ['age'] })
    expect(payload.quality).toEqual([{ name: 'Roll', range: [-8, 8] }])
    const { json } = await detect({ scenario })
    expect(json.results.scenario).toBe(scenario)
  })

  it('what is accepted without effect is named in a header', async () => {
    const { headers } = await detect({
      outputImageParams: { backgroundColor: [1, 2, 3] },
      quality: { backgroundMatchColor: [1, 2, 3] },
    })
    expect(headers.get('x-semblance-ignored')).toBe(
      'processParam.outputImageParams.backgroundColor, processParam.quality.backgroundMatchColor',
    )
  })
})
