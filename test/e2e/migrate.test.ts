import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type StandIn, startOriginalStandIn } from '../servers/original-stand-in.ts'
import { spawnServerProcess } from '../servers/server-process.ts'
import { findSharedData } from '../servers/shared-data.ts'
import { type StandaloneServer, startStandaloneServer } from '../servers/standalone-server.ts'
import { callsTo } from './calls.ts'
import { readAlbums } from './photos.ts'

const shared = findSharedData()
const PEOPLE = 6
const KEY = 'a-key-of-one-of-them'

/** Everything that the API tells of a gallery, by names in place of ids; pictures as bytes, oldest first. */
async function readGallery(server: { readonly url: string }, key?: string) {
  const headers: Record<string, string> = key === undefined ? {} : { authorization: `Bearer ${key}` }
  const bytesOf = async (path: string) =>
    Buffer.from(await (await fetch(`${server.url}/api${path}`, { headers })).arrayBuffer())
  const read = async (path: string) => JSON.parse((await bytesOf(path)).toString(), keepDigits).items
  const groups = await read('/groups')
  const names = new Map(groups.map(({ id, name }: { id: string; name: string }) => [id, name]))
  const persons = []
  for (const person of await read('/persons')) {
    const images = (await read(`/persons/${person.id}/images`)).toReversed()
    const pictures = []
    for (const { id } of images) pictures.push(await bytesOf(`/persons/${person.id}/images/${id}`))
    const { name, metadata, externalId, expireAt } = person
    const memberOf = person.groups.map((id: string) => names.get(id)).toSorted()
    persons.push({ name, metadata, externalId, expireAt, groups: memberOf, pictures })
  }
  return {
    groups: groups.map(({ name, metadata }: { name: string; metadata: object }) => ({ name, metadata })),
    persons: persons.toSorted((one, other) => one.name.localeCompare(other.name)),
  }
}

/** Numbers as the text that they were sent with, so that two galleries are compared to the digit. */
const keepDigits = ((_key: string, value: unknown, { source }: { source: string }) =>
  typeof value === 'number' ? `number ${source}` : value) as Parameters<typeof JSON.parse>[1]

describe.skipIf(shared === null)('semblance migrate', () => {
  let folder: string
  let source: StandaloneServer
  let photos: Buffer[][]
  const running: { close(): Promise<void> }[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'semblance migrate '))
    await writeFile(join(folder, 'key'), `${KEY}\n`)
    const albums = (await readAlbums(shared!)).filter((album) => album.photos.length >= 2).slice(0, PEOPLE)
    photos = await Promise.all(
      albums.map((album) => Promise.all(album.photos.slice(0, 2).map((path) => readFile(path)))),
    )
    source = await startStandaloneServer()
    await fill()
  }, 120_000)

  afterAll(async () => {
    await source?.stop()
    for (const one of running) await one.close()
    await rm(folder, { recursive: true, force: true })
  })

  async function fill() {
    const calls = callsTo(source)
    const staff = await calls.createGroup('Staff')
    const guests = (await calls.ask('POST', '/groups', { name: 'Guests', metadata: { floor: 3 } })).json.id
    const exact = '{"metadata":{"floor":3.0,"account":12345678901234567890,"__proto__":{"n":-0}}}'
    await fetch(`${source.url}/api/groups/${guests}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: exact,
    })
    for (const [i, album] of photos.entries()) {
      const groups = [[staff], [staff, guests], [guests]][i % 3]
      const fields = { name: `person ${i}`, metadata: { n: i }, externalId: `e-${i}`, groups }
      const id = await calls.createPerson(i === 0 ? { ...fields, expireAt: '2999-01-01T00:00:00Z' } : fields)
      for (const picture of album) expect((await calls.addImage(id, picture)).status).toBe(200)
    }
    const loner = await calls.createPerson({ name: 'x in no group', groups: [staff] })
    await calls.ask('PUT', `/persons/${loner}`, { groups: [] })
  }

  async function startTarget(env: Readonly<Record<string, string>> = {}): Promise<StandaloneServer> {
    const target = await startStandaloneServer({ env })
    running.push({ close: () => target.stop() })
    return target
  }

  async function startStandIn(...from: Parameters<typeof startOriginalStandIn>): Promise<StandIn> {
    const standIn = await startOriginalStandIn(...from)
    running.push(standIn)
    return standIn
  }

  function start(from: { readonly url: string }, to: { readonly url: string }, ...options: string[]) {
    return spawnServerProcess('cli', {}, [
      'migrate',
      '--from',
      from.url,
      '--to',
      to.url,
      ...options,
      '--json',
    ])
  }

  /** Waits for its end; `counts` is what it printed for machines. */
  async function end(command: ReturnType<typeof start>) {
    if (command.process.exitCode === null && command.process.signalCode === null) {
      await new Promise((resolve) => command.process.once('close', resolve))
    }
    const line = command.output().match(/^\{.*\}$/m)?.[0]
    const output = command.output()
    const { result = null } = line === undefined ? {} : JSON.parse(line)
    return { code: command.process.exitCode, counts: result, output }
  }

  const stateIn = (name: string) => ['--state', join(folder, name)]
  const linesOf = async (name: string) =>
    (await readFile(join(folder, name), 'utf8').catch(() => '')).split('\n').length

  async function untilNoted(name: string, lines: number, command: ReturnType<typeof start>) {
    while ((await linesOf(name)) < lines && command.process.exitCode === null) {
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  it('moves everything once, however often it is killed in mid-flight', async () => {
    const target = await startTarget()
    let kills = 0
    for (let lines = 2; ; lines += 4) {
      const command = start(source, target, ...stateIn('killed'))
      await untilNoted('killed', lines, command)
      if (command.process.exitCode !== null) break
      command.process.kill('SIGKILL')
      await end(command)
      // As if it had died before the last answers were noted, and amidst a write.
      await writeFile(join(folder, 'killed'), (await readFile(join(folder, 'killed'), 'utf8')).slice(0, -150))
      kills++
    }
    expect(kills).toBeGreaterThan(3)
    const last = await end(start(source, target, ...stateIn('killed')))
    expect(last.code, last.output).toBe(0)
    expect(last.counts).toMatchObject({
      isWhole: true,
      groups: { moved: 0, alreadyThere: 2 },
      persons: { moved: 0, alreadyThere: PEOPLE + 1 },
      images: { moved: 0, alreadyThere: 2 * PEOPLE, refused: 0, failed: 0 },
    })
    const { groups, persons } = await readGallery(target)
    const old = await readGallery(source)
    // Made by the contract for the person in no group, who is then taken out of it.
    expect(groups.filter(({ name }: { name: string }) => name !== 'Default')).toEqual(old.groups)
    expect(persons).toEqual(old.persons)
  }, 60_000)

  it('keeps ids and nothing else in a state that only its owner can read', async () => {
    const text = await readFile(join(folder, 'killed'), 'utf8')
    expect(text).not.toMatch(/person \d|"e-|Staff|http/)
    expect((await stat(join(folder, 'killed'))).mode & 0o777).toBe(0o600)
  })

  it('stops at Ctrl-C with what was moved noted, and goes on from there', async () => {
    const target = await startTarget()
    const command = start(source, target, ...stateIn('stopped'), '--concurrency', '1')
    await untilNoted('stopped', 8, command)
    command.process.kill('SIGINT')
    const stopped = await end(command)
    expect(stopped.code, stopped.output).toBe(130)
    expect(stopped.counts.isWhole).toBe(false)
    const { code, counts } = await end(start(source, target, ...stateIn('stopped')))
    expect(code).toBe(0)
    expect(counts.images.moved).toBe(2 * PEOPLE - stopped.counts.images.moved)
    expect((await readGallery(target)).persons).toEqual((await readGallery(source)).persons)
  }, 60_000)

  it('gives each server its key, and says which one is missing', async () => {
    const target = await startTarget({ SEMBLANCE_API_KEYS: KEY })
    const refused = await end(start(source, target, ...stateIn('keys')))
    expect(refused.code).toBe(3)
    expect(refused.output).toContain('answered 401 (give the file of a key by --to-key)')
    const there = await end(start(source, target, ...stateIn('keys'), '--to-key', join(folder, 'key')))
    expect(there.code, there.output).toBe(0)
    const further = await startTarget()
    const closed = await end(start(target, further, ...stateIn('back')))
    expect(closed.output).toContain('--from-key')
    const back = await end(start(target, further, ...stateIn('back'), '--from-key', join(folder, 'key')))
    expect(back.code, back.output).toBe(0)
    expect((await readGallery(further)).persons).toEqual((await readGallery(target, KEY)).persons)
  }, 60_000)

  it('counts and writes nothing in a dry run, and leaves a target alone that is not empty', async () => {
    const target = await startTarget()
    const dry = await end(start(source, target, ...stateIn('dry'), '--dry-run'))
    expect(dry.code, dry.output).toBe(0)
    expect(dry.counts).toMatchObject({
      isDryRun: true,
      persons: { moved: PEOPLE + 1 },
      images: { moved: 2 * PEOPLE },
    })
    expect(await readGallery(target)).toEqual({ groups: [], persons: [] })
    await expect(stat(join(folder, 'dry'))).rejects.toThrow('ENOENT')
    await callsTo(target).createGroup('Earlier')
    const refused = await end(start(source, target, ...stateIn('into')))
    expect(refused.code).toBe(1)
    expect(refused.output).toContain('the target is not empty')
    const added = await end(start(source, target, ...stateIn('into'), '--into-existing'))
    expect(added.code, added.output).toBe(0)
    expect((await readGallery(target)).groups).toContainEqual({ name: 'Earlier', metadata: {} })
  }, 60_000)

  it('reads a server that answers like the original, and reports what the target refuses', async () => {
    const blank = Buffer.from('not a picture')
    const [one, two, three] = [photos[0]!, photos[1]!, photos[2]!]
    const original = await startStandIn(
      ['Default', 'Guests', 'Empty'],
      [
        { name: 'Ada', groups: ['Default', 'Guests'], pictures: [...one, three[0]!, three[1]!] },
        {
          name: 'Bob',
          groups: ['Guests'],
          pictures: [two[0]!, blank, two[1]!],
          fields: { metadata: { a: 1 } },
        },
        {
          name: 'Flask',
          groups: ['Guests'],
          pictures: [],
          fields: { expireAt: 'Sat, 01 Jan 2998 00:00:00 GMT', externalId: 'f' },
        },
        { name: 'Naive', groups: ['Guests'], pictures: [], fields: { expireAt: '2998-01-01T00:00:00.5' } },
        { name: 'Past', groups: ['Guests'], pictures: one, fields: { expireAt: '2020-01-01T00:00:00' } },
        { name: 'Odd', groups: ['Guests'], pictures: one, fields: { expireAt: 'some day' } },
        { name: '', groups: ['Guests'], pictures: one },
      ],
    )
    const target = await startTarget()
    const { code, counts, output } = await end(start(original, target, ...stateIn('original')))
    expect(code).toBe(1)
    expect(counts).toMatchObject({
      isWhole: true,
      groups: { moved: 3 },
      persons: { moved: 4, expired: 1, failed: 1, refused: 1 },
      images: { moved: 6, refused: 1 },
    })
    expect(output).toMatch(
      new RegExp(`refused: image ${original.persons.get('Bob')}/[-\\w]+: ImageDecodeError`),
    )
    expect(output).toContain(`failed: person ${original.persons.get('Odd')}`)
    expect(output).toContain(`refused: person ${original.persons.get('')}: BadParamsException`)
    const { groups, persons } = await readGallery(target)
    expect(groups.map(({ name }: { name: string }) => name).toSorted()).toEqual([
      'Default',
      'Empty',
      'Guests',
    ])
    expect(persons).toMatchObject([
      { name: 'Ada', metadata: {}, groups: ['Default', 'Guests'], pictures: [...one, three[0], three[1]] },
      { name: 'Bob', metadata: { a: 'number 1' }, groups: ['Guests'], pictures: two },
      { name: 'Flask', externalId: 'f', expireAt: '2998-01-01T00:00:00.000Z' },
      { name: 'Naive', expireAt: '2998-01-01T00:00:00.500Z' },
    ])
    expect(original.requests.every((request) => request.startsWith('GET '))).toBe(true)

    const again = await end(start(original, target, ...stateIn('original')))
    expect(again.counts).toMatchObject({
      persons: { moved: 0, alreadyThere: 4 },
      images: { moved: 0, refused: 1 },
    })
    expect(again.output).toContain('ImageDecodeError (in an earlier run')
    const retried = await end(start(original, target, ...stateIn('original'), '--retry-refused'))
    expect(retried.counts).toMatchObject({ persons: { refused: 1 }, images: { moved: 0, refused: 1 } })
  }, 60_000)

  it('fills a server like the original, warning of doubles there, and later brings what came since', async () => {
    const original = await startStandIn([], [])
    const { code, output } = await end(start(source, original, ...stateIn('there')))
    expect(code, output).toBe(0)
    expect(output).toContain('does not know Idempotency-Key')
    const { groups, persons, images } = original.held
    expect([groups.length, persons.length, images.length]).toEqual([2, PEOPLE + 1, 2 * PEOPLE])

    const latecomer = await callsTo(source).createPerson({ name: 'latecomer', groups: [] })
    expect((await callsTo(source).addImage(latecomer, photos[0]![0]!)).status).toBe(200)
    const later = await end(start(source, original, ...stateIn('there')))
    expect(later.counts).toMatchObject({ persons: { moved: 1 }, images: { moved: 1 } })
    expect([persons.length, images.length]).toEqual([PEOPLE + 2, 2 * PEOPLE + 1])
  })
})
