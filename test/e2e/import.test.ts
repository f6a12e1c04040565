import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { sizeOf } from '@semblance/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compareWithReports } from '../crash/reported-gallery.ts'
import { spawnServerProcess } from '../servers/server-process.ts'
import { findSharedData } from '../servers/shared-data.ts'
import { type StandaloneServer, startStandaloneServer } from '../servers/standalone-server.ts'
import { callsTo } from './calls.ts'
import { sendImportTwice } from './send-import-twice.ts'

const shared = findSharedData()
/** The first of the set; some of them have more than one photo. */
const PEOPLE = sizeOf({
  ci: ['AJ_Lamas', 'Aaron_Guiel', 'Aaron_Tippin', 'Abba_Eban', 'Abdullah_Gul', 'Abdulaziz_Kamilov'],
  slow: shared === null ? [] : (await readdir(join(shared, 'lfw-dev/images'))).slice(0, 250),
})
/** How the command exits then: docs/command.md. */
const SERVER_AWAY = 3
const KILLS = sizeOf({ ci: 4, slow: 30 })

describe.skipIf(shared === null)('semblance import', () => {
  let folder: string
  let photos: string
  let data: string
  let port: number
  let server: StandaloneServer
  /** Of a picture behind a link, which comes as soon as it may. */
  const mayCome = Promise.withResolvers<Buffer>()
  const host = createServer(async (_request, response) => response.end(await mayCome.promise))
  const hostOfLink = () => `127.0.0.1:${(host.address() as AddressInfo).port}`

  const start = async () => {
    server = await startStandaloneServer({
      dataFolder: data,
      ...(port === undefined ? {} : { port }),
      env: { SEMBLANCE_THREADS: '1', SEMBLANCE_LINK_HOSTS: hostOfLink() },
    })
    port = Number(new URL(server.url).port)
  }
  const begin = (...args: string[]) => {
    const command = spawnServerProcess('cli', { SEMBLANCE_URL: server.url }, ['import', ...args])
    const ended = new Promise<number | null>((resolve) => command.process.once('close', resolve))
    return { ...command, ended }
  }
  const run = async (...args: string[]) => {
    const command = begin(...args)
    const code = await command.ended
    const line = command
      .output()
      .split('\n')
      .find((text) => text.startsWith('{'))
    return { code, output: command.output(), sum: line === undefined ? null : JSON.parse(line).result }
  }
  const readReport = async (file: string) =>
    (await readFile(file, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
  /** Ids of all images of all persons. */
  const imagesOfGallery = async () => {
    const { items } = (await callsTo(server).ask('GET', '/persons?size=1000')).json
    const ids = await Promise.all(items.map(({ id }: { id: string }) => callsTo(server).imageIds(id)))
    return ids.flat().toSorted()
  }

  const namesOfFiles = async () => {
    const entries = await readdir(photos, { recursive: true, withFileTypes: true })
    return entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => relative(photos, join(parentPath, name)))
  }

  beforeAll(async () => {
    host.listen(0, '127.0.0.1')
    await once(host, 'listening')
    folder = await mkdtemp(join(tmpdir(), 'semblance import '))
    photos = join(folder, 'photos')
    data = join(folder, 'data')
    await mkdir(photos)
    for (const name of PEOPLE)
      await cp(join(shared!, 'lfw-dev/images', name), join(photos, name), { recursive: true })
    await writeFile(join(photos, PEOPLE[0]!, 'notes.jpg'), 'no picture')
    await start()
  }, 120_000)
  afterAll(async () => {
    await server?.stop()
    host.closeAllConnections()
    host.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('would enroll each photo, says a dry run, and writes nothing', async () => {
    const { code, sum, output } = await run(photos, '--dry-run', '--name', 'dry', '--json')
    expect(code, output).toBe(1)
    expect(sum.rows.byOutcome).toMatchObject({ undecodable: 1, enrolled: expect.any(Number) })
    expect(await imagesOfGallery()).toEqual([])
  }, 120_000)

  it('enrolls each photo once, however often the server is killed, and reports what is there', async () => {
    const report = join(folder, 'report.ndjson')
    let command = begin(photos, '--report', report)
    for (let i = 0; i < KILLS; i++) {
      await new Promise((resolve) => setTimeout(resolve, 700))
      await server.kill()
      await start()
      // It gives up on a server that is away for long; its user begins it again.
      if (command.process.exitCode === SERVER_AWAY) command = begin(photos, '--report', report)
    }
    if ((await command.ended) === SERVER_AWAY) command = begin(photos, '--report', report)
    expect(await command.ended, command.output()).toBe(1)
    const rows = await readReport(report)
    const enrolled = rows.filter(({ outcome }) => outcome === 'enrolled')
    expect(rows.map(({ outcome }) => outcome).filter((outcome) => outcome !== 'enrolled')).toEqual([
      'undecodable',
    ])
    expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length)
    const keys = await namesOfFiles()
    const pictureOf = (key: string) => readFile(join(photos, key))
    expect(await compareWithReports(callsTo(server), [{ keys, report: rows }], pictureOf)).toEqual([])
    expect(enrolled).toHaveLength(keys.length - 1)
    const persons = (await callsTo(server).ask('GET', '/persons?size=1000')).json.items
    expect(persons.map(({ externalId }: { externalId: string }) => externalId).toSorted()).toEqual(
      PEOPLE.toSorted(),
    )
  }, 900_000)

  it('run again finds every photo there', async () => {
    const before = await imagesOfGallery()
    const { code, sum, output } = await run(photos, '--json')
    expect(code, output).toBe(1)
    expect(sum.rows.byOutcome).toEqual({ undecodable: 1, 'same-picture': before.length })
    expect(await imagesOfGallery()).toEqual(before)
  }, 120_000)

  it('pauses on Ctrl-C, and goes on when it is run again', async () => {
    const manifest = join(folder, 'stopped.csv')
    const files = (await namesOfFiles()).filter((name) => !name.endsWith('notes.jpg'))
    const lines = files.map((name) => `${name},of ${name},photos/${name},\n`)
    // It cannot end before its last picture comes, however fast the machine is.
    const late = `late,late,,http://${hostOfLink()}/late.jpg\n`
    await writeFile(manifest, `key,external_id,file,url\n${lines.join('')}${late}`)
    const args = [manifest, '--name', 'stopped', '--same-picture', 'enroll']
    const command = begin(...args)
    const names = async () =>
      (await callsTo(server).ask('GET', '/imports')).json.items.map(({ name }: { name: string }) => name)
    await expect.poll(names, { timeout: 30_000, interval: 200 }).toContain('stopped')
    command.process.kill('SIGINT')
    expect(await command.ended, command.output()).toBe(130)
    expect(command.output()).toContain('The import is paused')
    expect(command.output()).not.toContain('semblance import: stopped')
    mayCome.resolve(await readFile(join(photos, files[0]!)))
    const { sum, output } = await run(...args, '--json')
    expect(output).toContain('going on with the import')
    expect(sum).toMatchObject({ state: 'done', rows: { waiting: 0, underWay: 0 } })
    expect(sum.rows.byOutcome).toEqual({ enrolled: files.length + 1 })
  }, 120_000)

  it('has the names of a manifest in Windows-1252 right if it is told so', async () => {
    const manifest = join(folder, 'excel.csv')
    await writeFile(manifest, Buffer.from('external_id;name\nzoe;Zo\xeb M\xfcller\n', 'latin1'))
    expect((await run(manifest, '--dry-run', '--name', 'guess')).output).toContain('is not UTF-8')
    const { code, output } = await run(manifest, '--encoding', 'windows-1252')
    expect(code, output).toBe(0)
    const { items } = (await callsTo(server).ask('GET', '/persons?namePrefix=Zo')).json
    expect(items).toMatchObject([{ name: 'Zoë Müller' }])
  }, 60_000)

  it('counts, reports and exits with 1 for rows that cannot be made here', async () => {
    const manifest = join(folder, 'missing.csv')
    const report = join(folder, 'missing.ndjson')
    await writeFile(manifest, 'key,name,file\na,Ada,no.jpg\nb,Bo,\nb,Cy,\n')
    const { code, output, sum } = await run(manifest, '--report', report, '--json')
    expect(code, output).toBe(1)
    expect(sum).toMatchObject({ dryRun: false, rows: { byOutcome: { invalid: 2, 'person-written': 1 } } })
    const rows = await readReport(report)
    expect(rows.map(({ key, outcome, field }) => [key, outcome, field])).toEqual([
      ['a', 'invalid', 'picture'],
      ['b', 'person-written', undefined],
      ['row 4: b', 'invalid', 'key'],
    ])
    const again = await run(manifest, '--report', report)
    expect([again.code, again.output]).toEqual([2, expect.stringContaining('give another name')])
  }, 60_000)

  it('says of a source that breaks off what was taken and what to do, and drops no option of the next run', async () => {
    const cut = join(folder, 'cut.csv.gz')
    const bytes = gzipSync(Array.from({ length: 2_000 }, (_, i) => `k${i},${randomUUID()}\n`).join(''))
    const whole = gzipSync(`key,name\n${gunzipSync(bytes)}`)
    await writeFile(cut, whole.subarray(0, whole.length / 2))
    const broken = await run(cut, '--dry-run')
    expect(broken.code, broken.output).toBe(1)
    expect(broken.output).toMatch(
      /cut\.csv\.gz: the gzip ends .* \d+ rows before that were taken; .* imports cancel/,
    )
    const other = await run(cut, '--dry-run', '--faces', 'one')
    expect([other.code, other.output]).toEqual([2, expect.stringContaining('other options (--faces)')])
    await writeFile(cut, whole)
    const mended = await run(cut, '--dry-run')
    expect(mended.code, mended.output).toBe(0)
    expect(mended.output).toContain('Dry run: nothing was written.')
  }, 90_000)

  it('says in one line what is wrong with its source, its pattern or its server', async () => {
    const nothing = join(folder, 'nothing')
    const missing = await run(nothing)
    expect([missing.code, missing.output]).toEqual([2, expect.stringMatching(/^semblance import: [^\n]+\n$/)])
    expect(missing.output).toContain(`${nothing}: there is no such file`)
    const made = (await callsTo(server).ask('GET', '/imports')).json.items
    expect(made.map(({ name }: { name: string }) => name)).not.toContain(nothing)
    const pattern = await run(photos, '--pattern', 'x', '--name', 'p')
    expect([pattern.code, pattern.output]).toEqual([
      2,
      expect.stringContaining('must have {person} or {name}'),
    ])
    const policy = await run(photos, '--faces', 'many')
    expect(policy.code).toBe(2)
    expect(policy.output).toContain('Allowed choices are')
  }, 60_000)

  it('the same import sent twice at once over HTTP makes one import', async () => {
    const files = (await namesOfFiles()).filter((name) => !name.endsWith('notes.jpg')).slice(0, 6)
    const rows = await Promise.all(
      files.map(async (name) => {
        const picture = (await readFile(join(photos, name))).toString('base64')
        return { key: name, person: { externalId: `twice ${name}` }, picture }
      }),
    )
    const before = await imagesOfGallery()
    const made = await sendImportTwice([callsTo(server), callsTo(server)], rows)
    expect(await imagesOfGallery()).toEqual([...before, ...made].toSorted())
  }, 120_000)
})
