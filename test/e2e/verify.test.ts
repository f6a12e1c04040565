import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { spawnServerProcess } from '../servers/server-process.ts'
import { findSharedData } from '../servers/shared-data.ts'
import { type StandaloneServer, startStandaloneServer } from '../servers/standalone-server.ts'
import { callsTo } from './calls.ts'
import { smallPhotos } from './photos.ts'

const shared = findSharedData()

type Found = Readonly<Record<'finding' | 'id' | 'place' | 'why' | 'do', string>>

/** Runs a command of the tools; `result` and `found` are of its line of JSON, `output` is all that it printed. */
async function semblance(env: Readonly<Record<string, string>>, ...args: string[]) {
  const command = spawnServerProcess('cli', env, args)
  const code = await new Promise<number | null>((resolve) => command.process.once('close', resolve))
  const output = command.output()
  const {
    exitCode,
    result = null,
    fault = null,
  } = JSON.parse(output.match(/^\{"command".*\}$/m)?.[0] ?? '{}')
  if (exitCode !== undefined) expect(exitCode).toBe(code)
  const found: readonly Found[] = result?.found ?? []
  return { code, output, result, fault, found, kinds: found.map(({ finding }) => finding) }
}

describe.skipIf(shared === null)('a data folder in which somebody was at work', () => {
  let data: string
  let server: StandaloneServer
  let photo: Buffer
  const persons: string[] = []
  const images: string[] = []

  const start = async () => {
    server = await startStandaloneServer({ dataFolder: data, env: { SEMBLANCE_THREADS: '1' } })
  }
  const verify = (...args: string[]) => semblance({}, 'verify', '--data', data, ...args)
  const pictureFile = (id: string) => join(data, 'pictures', id.slice(-2), id)
  const byHand = (...changes: readonly [sql: string, id: string][]) => {
    const db = new SqliteDatabase(join(data, 'semblance.sqlite'))
    for (const [sql, id] of changes) db.prepare(sql).run(id)
    db.close()
  }
  const names = async () => (await callsTo(server).ask('GET', '/persons')).json.items

  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), 'semblance verify '))
    photo = (await smallPhotos(shared!))[0]!
    await start()
    for (let n = 0; n < 6; n++) {
      const id = await callsTo(server).createPerson({ name: `person ${n}` })
      await callsTo(server).addImage(id, photo)
      persons.push(id)
      images.push(...(await callsTo(server).imageIds(id)))
    }
  }, 120_000)
  afterAll(async () => {
    await server?.stop()
    await rm(data, { recursive: true, force: true })
  })

  it('is whole before that, also to who looks while the server runs', async () => {
    const { code, result, output } = await verify('--json')
    expect(result, output).toEqual({
      persons: 6,
      images: 6,
      groups: 1,
      replies: 0,
      imports: 0,
      importRows: 0,
      staged: 0,
      pictures: 6,
      setAside: 0,
      findings: 0,
      byKind: {},
      found: [],
    })
    expect(code).toBe(0)
    expect((await callsTo(server).search(photo)).json.persons).toHaveLength(6)
  })

  it('is told how many there are, without whom and what was deleted', async () => {
    const { ask, createPerson, addImage, imageIds } = callsTo(server)
    const gone = await createPerson({ name: 'gone' })
    await addImage(gone, photo)
    await addImage(persons[0]!, photo)
    const [second] = (await imageIds(persons[0]!)).filter((id) => !images.includes(id))
    expect((await ask('DELETE', `/persons/${persons[0]}/images/${second}`)).status).toBe(204)
    expect((await ask('DELETE', `/persons/${gone}`)).status).toBe(204)
    // Images of a deleted person go a moment after the answer.
    const told = async () => (await verify('--json')).result
    await expect.poll(told, { timeout: 30_000, interval: 1_000 }).toMatchObject({
      persons: 6,
      images: 6,
      pictures: 6,
      findings: 0,
    })
  })

  it('is told what is wrong with each picture and record, with what to do, and exit code 1', async () => {
    await server.stop()
    const bytes = await readFile(pictureFile(images[0]!))
    await writeFile(pictureFile(images[0]!), bytes.fill(0, 500, 600))
    await rm(pictureFile(images[1]!))
    const stray = '01936a5c-7e1d-7c3a-9f52-6d0a4b1c8e77'
    await writeFile(pictureFile(stray), bytes)
    byHand(
      ["UPDATE images SET descriptor = x'010203' WHERE id = ?", images[2]!],
      ['UPDATE images SET descriptor = zeroblob(2048) WHERE id = ?', images[3]!],
      ["UPDATE persons SET metadata = '{' WHERE id = ?", persons[4]!],
      ['UPDATE enrolled SET persons = 77 WHERE id <> ?', ''],
    )
    const report = join(data, 'findings.ndjson')
    const [{ code, found, result, output }, text] = [await verify('--json'), await verify('--report', report)]
    expect(found.map(({ finding, id }) => [finding, id]).toSorted(), output).toEqual(
      [
        ['picture-damaged', images[0]],
        ['picture-missing', images[1]],
        ['image-unreadable', images[2]],
        ['descriptor-unusable', images[3]],
        ['person-unreadable', persons[4]],
        ['picture-without-record', stray],
        ['counts-wrong', null],
      ].toSorted(),
    )
    const places = found.filter(({ place }) => place).map(({ place }) => place)
    expect(places.toSorted()).toEqual([images[0]!, images[1]!, stray].map(pictureFile).toSorted())
    for (const place of places) expect(text.output).toContain(`    ${place}: `)
    expect(found.every((one) => one.why !== '' && one.do !== '')).toBe(true)
    expect([code, text.code, result]).toMatchObject([1, 1, { findings: 7, byKind: { 'picture-damaged': 1 } }])
    const lines = (await readFile(report, 'utf8')).trim().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toEqual(found)
    const again = await verify('--json', '--report', report)
    expect([again.code, again.fault]).toEqual([2, expect.stringContaining('is not overwritten')])
  })

  it('serves what is whole, names what is not, and finds nobody who is set aside', async () => {
    await start()
    const found = (await callsTo(server).search(photo, { limit: 10 })).json.persons
    expect(found.map(({ id }: { id: string }) => id).toSorted()).toEqual(
      [persons[0], persons[1], persons[5]].toSorted(),
    )
    expect(await names()).toHaveLength(5)
    const picture = (n: number) => callsTo(server).ask('GET', `/persons/${persons[n]}/images/${images[n]}`)
    expect(await picture(0)).toMatchObject({ status: 500, json: { type: 'E_PICTURE_DAMAGED' } })
    for (let read = 0; read < 2; read++)
      expect(await picture(1)).toMatchObject({ status: 500, json: { type: 'E_PICTURE_DAMAGED' } })
    expect(server.output().split(`"kind":"picture","id":"${images[1]}"`)).toHaveLength(2)
    expect((await picture(5)).bytes.equals(photo)).toBe(true)
    for (const id of [images[0], images[2], images[3], persons[4]]) expect(server.output()).toContain(id)
    const metrics = await (await fetch(`${server.url}/metrics`)).text()
    expect(metrics).toContain('semblance_set_aside_records{kind="image"} 2')
    expect(metrics).toContain('semblance_set_aside_records{kind="person"} 1')
    expect(metrics).toContain('semblance_damaged_pictures_total 3')
    await server.stop()
  })

  it('has a database of which a page was overwritten: the start tells, and verify too', async () => {
    const file = join(data, 'semblance.sqlite')
    const whole = await readFile(file)
    const db = new SqliteDatabase(file, { readonly: true })
    const page = db
      .prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'persons_by_external_id'")
      .pluck()
      .get()
    db.close()
    const harmed = Buffer.from(whole)
    harmed.fill(0xa5, ((page as number) - 1) * 8192, (page as number) * 8192)
    await writeFile(file, harmed)
    const { code, kinds, output } = await verify('--json')
    expect([code, kinds], output).toEqual([1, expect.arrayContaining(['database-damaged'])])
    await start()
    await expect.poll(() => server.output()).toContain('the database is damaged')
    await expect
      .poll(async () => (await fetch(`${server.url}/metrics`)).text())
      .toMatch(/semblance_database_faults [1-9]/)
    await server.stop()
    await writeFile(file, whole)
  })
})

it('semblance verify says in one line that there is no data folder', async () => {
  const { code, output } = await semblance({}, 'verify', '--data', '/nowhere')
  expect([code, output.trim().split('\n')]).toEqual([2, [expect.stringContaining('/nowhere')]])
})

it('semblance index says on standalone what to do instead', async () => {
  for (const command of ['verify', 'rebuild']) {
    const { code, output } = await semblance({ SEMBLANCE_MONGO_URL: '' }, 'index', command)
    expect([code, output.trim().split('\n')]).toEqual([2, [expect.stringContaining('semblance verify')]])
  }
})
