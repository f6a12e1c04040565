import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { availableShapes, type Installation, startInstallation } from '../servers/installation.ts'
import { findSharedData } from '../servers/shared-data.ts'
import { type Calls, callsTo, inBase64 } from './calls.ts'
import { readAlbums } from './photos.ts'

const run = promisify(execFile)
const shared = findSharedData()
const hasCurl = await run('curl', ['--version']).then(
  () => true,
  () => false,
)
if (!hasCurl) console.warn('skipped: no curl on PATH')

describe.skipIf(shared === null || !hasCurl).each(await availableShapes())('files in a form, %s', (shape) => {
  let server: Installation
  let calls: Calls
  let folder: string
  let ada: Buffer
  let personId: string

  /** As a person would type it; the folder is the working directory. */
  async function curl(path: string, ...args: string[]) {
    const format = ['-s', '-w', '\n%{http_code}']
    const { stdout } = await run('curl', [...format, `${server.url}/api${path}`, ...args], { cwd: folder })
    const at = stdout.lastIndexOf('\n')
    return {
      status: Number(stdout.slice(at)),
      text: stdout.slice(0, at),
      json: JSON.parse(stdout.slice(0, at)),
    }
  }

  beforeAll(async () => {
    server = await startInstallation(shape)
    calls = callsTo(server)
    folder = await mkdtemp(join(tmpdir(), 'semblance form '))
    const [album] = (await readAlbums(shared!)).filter(({ photos }) => photos.length > 1)
    ada = await readFile(album!.photos[0]!)
    await writeFile(join(folder, 'ada.jpg'), ada)
    await writeFile(join(folder, 'unknown.jpg'), await readFile(album!.photos[1]!))
    personId = await calls.createPerson({ name: 'Ada' })
  }, 400_000)
  afterAll(async () => {
    await server?.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('enroll and find as the README says', async () => {
    const added = await curl(`/persons/${personId}/images`, '-F', 'image=@ada.jpg')
    expect(added.status).toBe(200)
    const stored = await calls.ask('GET', `/persons/${personId}/images/${added.json.id}`)
    expect(stored.bytes.equals(ada)).toBe(true)
    const found = await curl('/search', '-F', 'image=@unknown.jpg', '-F', 'limit=5')
    expect(found.json).toMatchObject({ code: 0, persons: [{ id: personId }] })
    const asJson = await calls.search(await readFile(join(folder, 'unknown.jpg')), { limit: 5 })
    expect(found.text).toEqual(asJson.bytes.toString())
  })

  it('are looked at by detect as in JSON', async () => {
    const form = ['-F', 'image=@ada.jpg', '-F', 'processParam.scenario=CropCentralFace']
    const { json } = await curl('/detect', ...form)
    const body = { image: inBase64(ada).content, processParam: { scenario: 'CropCentralFace' } }
    const asJson = await calls.ask('POST', '/detect', body)
    expect(json.results.detections).toEqual(asJson.json.results.detections)
    expect(json.results.detections[0].crop).toMatch(/^\/9j\//)
  })

  it('are compared in their order, as in JSON', async () => {
    const form = ['-F', 'images=@ada.jpg', '-F', 'images=@unknown.jpg', '-F', 'images[1].type=1']
    const { json } = await curl('/match', ...form)
    const [one, two] = [ada, await readFile(join(folder, 'unknown.jpg'))].map((it) => it.toString('base64'))
    const asJson = await calls.ask('POST', '/match', { images: [{ data: one }, { data: two, type: 1 }] })
    expect([json.code, json.results]).toEqual([0, asJson.json.results])
    expect(json.results).toMatchObject([{ firstIndex: 0, first: 3, secondIndex: 1, second: 1 }])
  })

  it('over the limit: 413; a sender that leaves half way: nothing of it is kept', async () => {
    await writeFile(join(folder, 'huge.jpg'), Buffer.alloc(20_000_000))
    expect((await curl('/search', '-F', 'image=@huge.jpg')).status).toBe(413)
    const before = await calls.imageIds(personId)
    await leaveHalfWay(`${server.url}/api/persons/${personId}/images`, ada)
    expect(await calls.imageIds(personId)).toEqual(before)
    expect(server.output()).not.toMatch(/"level":"(error|fatal)"/)
  })
})

/** All of the picture, but not the end of the form; resolved once the line is cut. */
function leaveHalfWay(url: string, picture: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const headers = { 'content-type': 'multipart/form-data; boundary=x' }
    const call = request(url, { method: 'POST', headers })
    call.on('error', () => {}).once('close', resolve)
    call.write('--x\r\nContent-Disposition: form-data; name="image"; filename="a.jpg"\r\n\r\n')
    call.write(picture, () => call.destroy())
  })
}
