import { once } from 'node:events'
import { connect } from 'node:net'
import { aPicture, newTestId } from '@semblance/testkit'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openTestApi, type TestApi, type TestApiOptions } from '../testing/open-test-api.ts'

let api: TestApi
async function open(options: TestApiOptions = {}): Promise<void> {
  await api?.close()
  api = await openTestApi(options)
}
beforeEach(() => open())
afterEach(() => api.close())

const ada = aPicture({ identities: ['ada'] })

type Part = readonly [name: string, value: string | Uint8Array, filename?: string]

function aForm(...parts: readonly Part[]): FormData {
  const form = new FormData()
  for (const [name, value, filename] of parts) {
    if (typeof value === 'string' && filename === undefined) form.append(name, value)
    else form.append(name, new Blob([value as string]), filename ?? 'photo.jpg')
  }
  return form
}

async function send(path: string, form: FormData, headers: Readonly<Record<string, string>> = {}) {
  const request = new Request('http://x', { method: 'POST', body: form })
  const raw = new Uint8Array(await request.arrayBuffer())
  return api.ask('POST', path, {
    raw,
    headers: { 'content-type': request.headers.get('content-type') ?? '', ...headers },
  })
}

async function aPerson(): Promise<string> {
  return (await api.ask('POST', '/api/persons', { body: { name: 'Ada' } })).json.id
}

it('takes a gate by its name, and as limits in JSON', async () => {
  const path = `/api/persons/${await aPerson()}/images`
  const refusal = async (quality: string) => {
    const { status, json } = await send(path, aForm(['image', ada], ['quality', quality]))
    return [status, json.metadata?.limits?.[0]?.characteristic ?? json.type]
  }
  expect(await refusal('standard')).toEqual([400, 'EyesDistance'])
  expect(await refusal('[{"name": "BlurLevel", "range": [0, 0.1]}]')).toEqual([400, 'BlurLevel'])
  expect(await refusal('[{"name": "BlurLevel"}]')).toEqual([400, 'BadParamsException'])
  expect((await refusal('off'))[0]).toBe(200)
})

describe('a form', () => {
  it('enrolls a file and finds it again, to the byte', async () => {
    const id = await aPerson()
    const added = await send(`/api/persons/${id}/images`, aForm(['image', ada]))
    expect(added.status).toBe(200)
    const stored = await api.ask('GET', `/api/persons/${id}/images/${added.json.id}`)
    expect(Buffer.from(stored.bytes).equals(ada)).toBe(true)
    const found = await send('/api/search', aForm(['image', ada], ['limit', '5']))
    expect(found.json.persons.map((person: { id: string }) => person.id)).toEqual([id])
    expect(found.headers.get('x-semblance-ignored')).toBeNull()
    expect([...api.pictures.held.keys()]).toEqual([])
  })

  it('is answered as the same request in JSON is, by detect too', async () => {
    const content = Buffer.from(ada).toString('base64')
    const fields = { detectAll: true, outputImageParams: { crop: { type: 3 } } }
    const form = aForm(
      ['image', ada],
      ['image.resizeOptions.width', '4000'],
      ['detectAll', 'true'],
      ['outputImageParams.crop.type', '3'],
    )
    const asForm = await send('/api/search', form)
    const image = { content, resizeOptions: { width: 4000 } }
    const asJson = await api.ask('POST', '/api/search', { body: { image, ...fields } })
    expect(asForm.text).toEqual(asJson.text)

    const detected = await send('/api/detect', aForm(['image', ada], ['processParam.scenario', 'OldMode']))
    const body = { image: content, processParam: { scenario: 'OldMode' } }
    const { json } = await api.ask('POST', '/api/detect', { body })
    expect(json.results.detections).toHaveLength(1)
    expect({ ...detected.json.results, elapsedTime: 0 }).toEqual({ ...json.results, elapsedTime: 0 })
  })

  it('takes lists as repeated fields or as JSON, objects as JSON, and a whole request as JSON', async () => {
    const id = await aPerson()
    const { json: person } = await api.ask('GET', `/api/persons/${id}`)
    await send(`/api/persons/${id}/images`, aForm(['image', ada]))
    const found = async (...parts: Part[]): Promise<unknown> => {
      const { status, json, headers } = await send('/api/search', aForm(['image', ada], ...parts))
      expect([status, headers.get('x-semblance-ignored'), json.msg]).toEqual([200, null, undefined])
      return json.persons.length
    }
    const [group] = person.groups
    expect(await found(['groupIds', newTestId()])).toBe(0)
    expect(await found(['groupIds', newTestId()], ['groupIds', group])).toBe(1)
    expect(await found(['groupIds[]', group])).toBe(1)
    expect(await found(['groupIds', JSON.stringify([newTestId()])])).toBe(0)
    expect(await found(['groupIds', ''], ['threshold', ''])).toBe(1)
    expect(await found(['filter', '{"op":"in","field":"name","value":["Eve"]}'])).toBe(0)
    expect(await found(['filter.op', 'in'], ['filter.field', 'name'], ['filter.value', 'Ada'])).toBe(1)
    expect(await found(['request', JSON.stringify({ groupIds: [newTestId()] })])).toBe(0)
    expect(await found(['request', JSON.stringify({ groupIds: [group] }), 'blob'])).toBe(1)
  })

  it('may create a person whose metadata and name are texts', async () => {
    const form = aForm(
      ['image', ada],
      ['createPerson.name', '42'],
      ['createPerson.metadata.__proto__', 'x'],
      ['createPerson.metadata.desk', '7'],
    )
    const { status, json, text } = await send('/api/search', form)
    expect([status, json.name]).toEqual([201, '42'])
    expect(text).toContain('"metadata":{"__proto__":"x","desk":"7"}')
  })

  it('names fields that nothing comes of, also a file', async () => {
    const form = aForm(['image', ada], ['limt', '5'], ['image.foo', 'x'], ['photo', ada], ['tag', 't'])
    const { status, headers } = await send('/api/search', form)
    expect(status).toBe(200)
    expect(headers.get('x-semblance-ignored')?.split(', ').toSorted()).toEqual([
      'image.foo',
      'limt',
      'photo',
      'tag',
    ])
  })

  it.each<[string, readonly Part[], string]>([
    ['no picture', [['limit', '5']], 'image is required'],
    ['an input that nobody filled', [['image', '', '']], 'image is required'],
    ['a file of nothing', [['image', new Uint8Array(), 'empty.jpg']], 'image.content must not be empty'],
    ['a limit in words', [['limit', 'many']], 'limit must be a number'],
    [
      'two pictures where one is wanted',
      [
        ['image', ada],
        ['image', ada],
      ],
      'more than one "image"',
    ],
    [
      'a picture both as text and as a file',
      [
        ['image', '{}'],
        ['image', ada],
      ],
      'more than one "image"',
    ],
    [
      'one field twice',
      [
        ['limit', '1'],
        ['limit', '2'],
      ],
      'more than one "limit"',
    ],
    ['a request that is no JSON', [['request', '{']], 'request that is not a JSON object'],
    ['a request that is a list', [['request', '[]']], 'request that is not a JSON object'],
    [
      'two requests',
      [
        ['request', '{}'],
        ['request', '{}'],
      ],
      'two parts named request',
    ],
    ['a request too deep', [['request', `{"a":${'['.repeat(99)}${']'.repeat(99)}}`]], 'levels deep'],
    ['a huge text', [['limit', '1'.repeat(1_000_001)]], 'more than 1000000 bytes'],
    [
      'huge texts together',
      [
        ['filter', ' '.repeat(600_000)],
        ['tag', ' '.repeat(600_000)],
      ],
      'more than 1000000 bytes',
    ],
    ['bytes in a text', [['filter', new Uint8Array([0xff, 0xfe])]], 'not UTF-8'],
    ['more parts than any list takes', Array.from({ length: 1_200 }, (): Part => ['groupIds', 'x']), 'parts'],
  ])('with %s answers 400', async (_what, parts, msg) => {
    const { status, json } = await send('/api/search', aForm(...parts))
    expect([status, json.type]).toEqual([400, 'BadParamsException'])
    expect(json.msg).toContain(msg)
  })

  it.each([
    ['has no boundary', 'multipart/form-data', '--x--'],
    ['is empty', 'multipart/form-data; boundary=x', ''],
    ['ends in a header', 'multipart/form-data; boundary=x', '--x\r\nContent-Disposition: form-da'],
    ['ends in a part', 'multipart/form-data; boundary=x', `${part('image')}half`],
    ['has a part without a name', 'multipart/form-data; boundary=x', `${part()}a\r\n--x--`],
    ['is JSON', 'multipart/form-data; boundary=x', '{"image":{}}'],
  ])('that %s answers 400', async (_what, type, raw) => {
    const { status, json } = await api.ask('POST', '/api/search', { raw, headers: { 'content-type': type } })
    expect([status, json.type]).toEqual([400, 'BadParamsException'])
  })

  it('always gets an answer, whatever its bytes are', async () => {
    const token = fc.constantFrom(
      '--x',
      '--x--',
      '\r\n',
      '\n',
      '\r\n\r\n',
      'Content-Disposition: form-data',
      '; name="image"',
      '; filename="a"',
      "; filename*=utf-8''%ff",
      'Content-Type: ',
      'image/jpeg',
      ':',
      '"',
      '\0',
      'a'.repeat(5_000),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(token, fc.string()), { maxLength: 25 }), async (tokens) => {
        const headers = { 'content-type': 'multipart/form-data; boundary=x' }
        const { status } = await api.ask('POST', '/api/search', { raw: tokens.join(''), headers })
        expect(status).toBe(400)
      }),
      { numRuns: 150 },
    )
    expect(api.logs.filter(({ level }) => level === 'error')).toEqual([])
  })

  const ofOnePart = (
    headers: string,
    content: Uint8Array | string,
    type = 'multipart/form-data; boundary=x',
  ) => {
    const part = Buffer.from(`--x\r\nContent-Disposition: form-data; ${headers}\r\n\r\n`)
    const raw = Buffer.concat([part, Buffer.from(content as string), Buffer.from('\r\n--x--\r\n')])
    return api.ask('POST', '/api/search', { raw, headers: { 'content-type': type } })
  }

  it.each([
    'utf8',
    'us-ascii',
    'UTF-8',
  ])('takes the charset %s, of the form and of a field', async (charset) => {
    const request = JSON.stringify({ image: { content: Buffer.from(ada).toString('base64') } })
    const type = `multipart/form-data; charset=${charset}; boundary=x`
    const headers = `name="request"\r\nContent-Type: application/json; charset=${charset}`
    expect((await ofOnePart(headers, request, type)).status).toBe(200)
  })

  it('says what is wrong with a part in an encoding of mail, and takes the names of none', async () => {
    const headers = 'name="image"; filename="a.jpg"\r\nContent-Transfer-Encoding: '
    for (const encoding of ['base64', 'quoted-printable']) {
      const { status, json } = await ofOnePart(headers + encoding, Buffer.from(ada).toString('base64'))
      expect([status, json.type]).toEqual([400, 'BadParamsException'])
      expect(json.msg).toContain(`Content-Transfer-Encoding: ${encoding}; send its bytes as they are`)
    }
    for (const encoding of ['binary', '8bit', '7BIT'])
      expect((await ofOnePart(headers + encoding, ada)).status).toBe(200)
  })

  it('without a boundary says so', async () => {
    const { status, json } = await ofOnePart('name="image"', ada, 'multipart/form-data')
    expect(status).toBe(400)
    expect(json.msg).toContain('names no boundary')
  })

  it('is refused where no picture is wanted: 415', async () => {
    const { status, json } = await send('/api/persons', aForm(['name', 'Ada']))
    expect([status, json.type]).toEqual([415, 'UnsupportedMediaType'])
  })

  it('over the limit answers 413, with and without its length announced', async () => {
    await open({ config: { maxBodyBytes: 10_000 } })
    const big = aForm(['image', new Uint8Array(11_000)])
    expect((await send('/api/search', big)).json.type).toBe('BodyTooLarge')
    const init = { method: 'POST', body: new Response(big).body, duplex: 'half' }
    const type = { 'content-type': 'multipart/form-data; boundary=x' }
    const chunked = await fetch(`${api.url}/api/search`, { ...init, headers: type } as RequestInit)
    expect(chunked.status).toBe(413)
    expect(api.pictures.puts).toBe(0)
  })

  it('may have a limit below that of other bodies', async () => {
    await open({ config: { maxFormBytes: 10_000 } })
    const { status, json } = await send('/api/search', aForm(['image', new Uint8Array(11_000)]))
    expect([status, json.type]).toEqual([413, 'BodyTooLarge'])
    expect((await send('/api/search', aForm(['image', ada]))).status).toBe(200)
  })

  it('that would not fit beside the others answers 503, and the room is given back', async () => {
    await open({ config: { maxBodiesBytes: 10_000 } })
    for (let i = 0; i < 3; i++) {
      const { status, headers } = await send('/api/search', aForm(['image', new Uint8Array(11_000)]))
      expect([status, headers.get('retry-after')]).toEqual([503, '1'])
    }
    expect((await send('/api/search', aForm(['image', ada]))).status).toBe(200)
  })

  it('that does not come answers 408 and hangs up', async () => {
    await open({ config: { bodyTimeoutMs: 50 } })
    const socket = begin(1_000)
    let answer = ''
    socket.on('data', (chunk) => {
      answer += chunk
    })
    await once(socket, 'close')
    expect(answer).toMatch(/^HTTP\/1.1 408 /)
  })

  it('whose sender leaves half way leaves nothing behind', async () => {
    const socket = begin(100_000)
    await once(socket, 'connect')
    setImmediate(() => socket.destroy())
    await expect.poll(() => api.requests).toMatchObject([{ route: '/api/search', status: 499 }])
    expect([api.pictures.puts, api.logs.map(({ level }) => level)]).toEqual([0, ['info']])
  })

  it('has an Idempotency-Key for its parts, whatever the boundary between them', async () => {
    const id = await aPerson()
    const headers = { 'idempotency-key': 'k1' }
    const path = `/api/persons/${id}/images`
    const first = await send(path, aForm(['image', ada]), headers)
    const again = await send(path, aForm(['image', ada, 'another-name.jpg']), headers)
    expect([again.status, again.json, again.headers.get('idempotency-replayed')]).toEqual([
      200,
      first.json,
      'true',
    ])
    for (const other of [
      aForm(['image', aPicture({ identities: ['bob'] })]),
      aForm(['image', ada], ['tag', 'x']),
    ])
      expect((await send(path, other, headers)).json.type).toBe('IdempotencyKeyReused')
  })

  it('from a page of another origin is refused', async () => {
    const { status, json } = await send('/api/search', aForm(['image', ada]), {
      origin: 'https://evil.example',
    })
    expect([status, json.type]).toEqual([403, 'OriginNotAllowed'])
  })
})

function part(name?: string): string {
  const disposition = name === undefined ? '' : `; name="${name}"; filename="a.jpg"`
  return `--x\r\nContent-Disposition: form-data${disposition}\r\n\r\n`
}

/** Half a form on a line of its own. */
function begin(announced: number) {
  const { hostname, port } = new URL(api.url)
  const socket = connect(Number(port), hostname)
  socket.write(
    'POST /api/search HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\n',
  )
  socket.write(`Content-Length: ${announced}\r\n\r\n${part('image')}half`)
  return socket
}
