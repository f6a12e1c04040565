import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { spawnServerProcess } from '../servers/server-process.ts'
import { findSharedData } from '../servers/shared-data.ts'
import { type StandaloneServer, startStandaloneServer } from '../servers/standalone-server.ts'
import { callsTo } from './calls.ts'

const shared = findSharedData()
const root = join(import.meta.dirname, '../..')
const PEOPLE = ['AJ_Lamas', 'Aaron_Guiel', 'Abba_Eban']
const NOBODY = '01936a5c-7e1d-7c3a-9f52-6d0a4b1c8e77'
/** Runs a command in a terminal of its own; what the terminal gets comes on standard output. */
const SCRIPT = '/usr/bin/script'
const hasTerminal = process.platform === 'linux' && existsSync(SCRIPT)

describe.skipIf(shared === null)('semblance, as a script uses it', () => {
  let folder: string
  let server: StandaloneServer
  let photo: string

  /** `stdin`: what comes there. */
  function run(args: readonly string[], stdin?: Buffer) {
    const entry = join(root, 'apps/cli/src/main.ts')
    // Of these tests alone: a command tells a variable that nothing reads.
    const own = { SEMBLANCE_SHARED: undefined }
    const env = { ...process.env, ...own, SEMBLANCE_URL: server.url, SEMBLANCE_PORT: '0' }
    return new Promise<{ code: number; out: string; err: string }>((resolve) => {
      const child = execFile(
        process.execPath,
        ['--conditions=@semblance/source', entry, ...args],
        { env, cwd: folder, maxBuffer: 50_000_000 },
        (_fault, out, err) => resolve({ code: child.exitCode ?? -1, out, err }),
      )
      child.stdin?.end(stdin)
    })
  }
  /** What a terminal of 80 columns gets of a line of the shell, in which `semblance` is the command. */
  function inTerminal(line: string, term: string): Promise<string> {
    const { PATH, HOME } = process.env
    const main = `'${process.execPath}' --conditions=@semblance/source '${join(root, 'apps/cli/src/main.ts')}'`
    const typed = `stty cols 80 rows 40; ${line.replace('semblance', main)}`
    const env = { PATH, HOME, TERM: term, SEMBLANCE_URL: server.url, PHOTO: photo }
    return new Promise((resolve) => {
      const options = { env, cwd: folder, maxBuffer: 50_000_000 }
      execFile(SCRIPT, ['-qec', typed, '/dev/null'], options, (_fault, out) => resolve(out)).stdin?.end()
    })
  }
  /** The one line that `--json` prints, which has its shape whatever happens. */
  async function ask(...args: string[]) {
    const { code, out, err } = await run([...args, '--json'])
    const { exitCode, result, fault, command } = JSON.parse(out)
    expect(out.trim()).not.toContain('\n')
    expect([exitCode, args.join(' ').startsWith(command)], err).toEqual([code, true])
    return { code, result, fault, err }
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'semblance commands '))
    for (const name of PEOPLE)
      await cp(join(shared!, 'lfw-dev/images', name), join(folder, 'photos', name), { recursive: true })
    photo = join(folder, 'photos/Abba_Eban', (await readdir(join(folder, 'photos/Abba_Eban')))[0]!)
    server = await startStandaloneServer({ env: { SEMBLANCE_THREADS: '1' } })
    const { code, result } = await ask('import', 'photos')
    expect([code, result.state]).toEqual([0, 'done'])
  }, 120_000)
  afterAll(async () => {
    await server?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  it('ends with 2 where what it prints finds no room', async () => {
    const entry = join(root, 'apps/cli/src/main.ts')
    const line = `'${process.execPath}' --conditions=@semblance/source '${entry}' stats > /dev/full`
    const env = { ...process.env, SEMBLANCE_URL: server.url }
    const printing = promisify(execFile)('/bin/sh', ['-c', line], { env, cwd: folder })
    await expect(printing).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('ENOSPC') })
  })

  it('search tells who is in photos, of files and of standard input, and which could not be searched', async () => {
    await writeFile(join(folder, 'notes.txt'), 'no picture')
    const [text, found, piped] = await Promise.all([
      run(['search', photo, 'notes.txt', 'missing.jpg', '--limit', '1']),
      ask('search', photo),
      run(['search', '-', '--json'], await readFile(photo)),
    ])
    expect(text.code).toBe(1)
    expect(text.out).toMatch(
      /name +person id +distance +similarity +pictures\nAbba_Eban +[-\da-f]{36} +0\.0\d+/,
    )
    expect(text.out).toContain('missing.jpg: cannot be read (ENOENT)')
    expect(text.out).toContain('notes.txt: ')
    expect(found.code).toBe(0)
    expect(found.result.photos[0]).toMatchObject({ photo, outcome: 'searched' })
    expect(found.result.photos[0].answer.persons[0].name).toBe('Abba_Eban')
    expect(JSON.parse(piped.out).result.photos[0].answer.persons[0].name).toBe('Abba_Eban')
  }, 60_000)

  it.skipIf(!hasTerminal)(
    'search shows the faces in a terminal that can, unless it is told not to',
    async () => {
      const [shown, piped, without, plain] = await Promise.all([
        inTerminal('semblance search "$PHOTO" --threshold 2', 'xterm-kitty'),
        inTerminal('semblance search "$PHOTO" --threshold 2 | cat', 'xterm-kitty'),
        inTerminal('semblance search "$PHOTO" --threshold 2 --no-faces', 'xterm-kitty'),
        inTerminal('semblance search "$PHOTO" --threshold 2', 'dumb'),
      ])
      const [table, first, ...pieces] = shown.split('\u001b_G')
      expect(table).toMatch(/Abba_Eban +[-\da-f]{36}/)
      expect(first).toMatch(/^a=T,f=100,q=2,c=54,m=1;[\w+/]{4096}/)
      expect(pieces.at(-1)).toMatch(
        /\r\nsearched for {2}Abba_Eban {5}A\w+ +A\w+\r\n +1\.000 +0\.\d{3} +0\.\d{3}\r\n$/,
      )
      for (const text of [piped, without, plain]) {
        expect(text).not.toContain('\u001b')
        expect(text).toMatch(/Abba_Eban +[-\da-f]{36}/)
      }
    },
    60_000,
  )

  it('persons are listed by filters, shown, made to the letter, and deleted once their count is given', async () => {
    const metadata = '{"badge":12345678901234567890,"site":"a"}'
    const made = await run(['persons', 'create', 'Ada\u001b[31m', '--metadata', metadata, '--json'])
    expect(made.out).toContain('"badge":12345678901234567890')
    const { id } = JSON.parse(made.out).result
    const twin = ['persons', 'create', 'Twin', '--external-id', 'employee-1815', '--json']
    expect((await run(twin)).err).toBe('')
    expect((await run(twin)).err).toContain('2 persons have the external id employee-1815')
    await ask('persons', 'delete', '--name', 'Twin', '--yes', '--count', '2')
    const [listed, text, shown, unsure, wrong, missing] = await Promise.all([
      ask('persons', 'list', '--no-images', '--metadata', 'site=a', '--metadata', 'site=a'),
      run(['persons', 'list', '--size', '1']),
      ask('persons', 'show', id),
      run(['persons', 'delete', '--no-images']),
      ask('persons', 'delete', '--no-images', '--yes', '--count', '7'),
      ask('persons', 'show', NOBODY),
    ])
    expect(listed.result.items.map((person: { id: string }) => person.id)).toEqual([id])
    expect(text.out).not.toContain('\u001b')
    expect(text.out).toContain('There are more: --cursor ')
    expect(shown.result).toMatchObject({ person: { id }, images: { items: [] } })
    expect([unsure.code, unsure.err]).toEqual([2, expect.stringContaining('add --yes --count 1')])
    expect([wrong.code, wrong.fault]).toEqual([1, expect.stringContaining('applies to 1 person,')])
    expect([missing.code, missing.fault]).toEqual([1, expect.stringContaining('no such person')])
    const counted = await ask('persons', 'delete', '--no-images', '--dry-run')
    expect([counted.code, counted.result]).toEqual([0, { count: 1, images: 0 }])
    const deleted = await ask('persons', 'delete', '--no-images', '--yes', '--count', '1')
    expect([deleted.code, deleted.result.state, deleted.result.done]).toEqual([0, 'done', 1])
    const again = await ask('persons', 'delete', id)
    expect([again.code, again.result.deleted]).toEqual([1, []])
    expect((await ask('persons', 'delete', 'nonsense')).code).toBe(2)
  }, 60_000)

  it('groups are made, filled, emptied and deleted', async () => {
    const [group, persons] = await Promise.all([ask('groups', 'create', 'Door'), ask('persons', 'list')])
    const { id } = group.result
    const [one, other] = persons.result.items.map((person: { id: string }) => person.id)
    expect((await ask('groups', 'add', id, one, other)).code).toBe(0)
    expect((await ask('groups', 'remove', id, other)).code).toBe(0)
    const [members, listed, outside] = await Promise.all([
      ask('groups', 'members', id),
      run(['groups', 'list']),
      ask('search', photo, '--group', id, '--threshold', '0.5'),
    ])
    expect(members.result.items.map((person: { id: string }) => person.id)).toEqual([one])
    expect(listed.out).toMatch(new RegExp(`Door +${id} +1 `))
    expect(outside.code).toBe(0)
    expect((await ask('groups', 'delete', id)).code).toBe(0)
    expect((await ask('groups', 'delete', id)).code).toBe(1)
  }, 60_000)

  it('imports are listed, shown and reported, and refuse what their state does not allow', async () => {
    const { result } = await ask('imports', 'list')
    const [{ id }] = result.items
    const [shown, paused, report, text] = await Promise.all([
      run(['imports', 'show', id]),
      ask('imports', 'pause', id),
      run(['imports', 'report', id, '--format', 'ndjson', '--outcome', 'enrolled']),
      run(['imports', 'list']),
    ])
    expect(shown.out).toContain(`photos" is done`)
    expect(paused.code).toBe(1)
    const rows = report.out.trim().split('\n')
    expect(rows).toHaveLength(result.items[0].rows.byOutcome.enrolled)
    expect(text.out).toMatch(new RegExp(`photos +${id} +done +20`))
    const [both, named] = await Promise.all([
      run(['imports', 'report', id, '--json']),
      ask('imports', 'report', id, 'report.ndjson'),
    ])
    expect([both.code, JSON.parse(both.out)]).toEqual([
      2,
      { command: 'imports report', exitCode: 2, fault: expect.stringContaining('not both') },
    ])
    expect([named.code, named.result]).toEqual([0, { file: 'report.ndjson' }])
    const [line = ''] = (await readFile(join(folder, 'report.ndjson'), 'utf8')).split('\n')
    expect(JSON.parse(line)).toMatchObject({ outcome: 'enrolled' })
    const unsure = await ask('imports', 'delete', id, '--persons')
    expect([unsure.code, unsure.fault]).toEqual([2, expect.stringContaining('add --yes --count 3')])
    const wrong = await ask('imports', 'delete', id, '--persons', '--yes', '--count', '1')
    expect([wrong.code, wrong.fault]).toEqual([1, expect.stringContaining('made 3 persons')])
    expect((await ask('imports', 'delete', id)).code).toBe(0)
  }, 60_000)

  it('an import that is deleted with its persons has none of them left when the command ends', async () => {
    const rows = Array.from({ length: 150 }, (_, i) => ({
      person: { externalId: `taken-back-${i}` },
      name: 'T',
    }))
    const file = join(folder, 'taken-back.ndjson')
    await writeFile(file, rows.map((row) => JSON.stringify(row)).join('\n'))
    expect((await ask('import', file)).code).toBe(0)
    const [{ id }] = (await ask('imports', 'list')).result.items
    const deleted = await ask('imports', 'delete', id, '--persons', '--yes', '--count', '150')
    expect([deleted.code, deleted.result]).toEqual([0, { deleted: [id], persons: 150 }])
    const { result } = await ask('persons', 'list', '--name', 'T')
    expect(result.items.filter(({ name }: { name: string }) => name === 'T')).toEqual([])
  }, 60_000)

  it('stats, export and duplicates tell of the same gallery', async () => {
    const [stats, text, piped, saved, duplicates] = await Promise.all([
      ask('stats'),
      run(['stats']),
      run(['export', '-']),
      ask('export', 'all.ndjson', '--descriptors'),
      ask('duplicates', 'find'),
    ])
    const { persons, images } = stats.result
    expect(text.out).toMatch(new RegExp(`persons +${persons}\n`))
    expect(piped.out.trim().split('\n').at(-1)).toBe(
      JSON.stringify({ type: 'end', groups: saved.result.groups, persons, images }),
    )
    expect(saved.result).toMatchObject({ persons: PEOPLE.length, images })
    expect(await readFile(join(folder, 'all.ndjson'), 'utf8')).toContain('"descriptor":')
    const [tar, taken, one] = await Promise.all([
      ask('export', 'some.tar', '--name-prefix', 'Aaron'),
      ask('export', 'all.ndjson'),
      ask('export', 'nobody.ndjson', '--person', NOBODY),
    ])
    expect([taken.code, taken.fault]).toEqual([2, expect.stringContaining('is not overwritten')])
    expect(one.code).toBe(1)
    expect([tar.code, tar.result.format]).toEqual([0, 'tar'])
    expect((await ask('import', 'some.tar', '--dry-run')).code).toBe(0)
    const inLines = await ask('import', 'all.ndjson')
    expect([inLines.code, inLines.fault]).toEqual([2, expect.stringContaining('it is an export in lines')])
    expect(await readdir(folder)).not.toContain('nobody.ndjson')
    expect([duplicates.code, duplicates.result.pairs.items]).toEqual([0, []])
    expect((await ask('duplicates', 'list')).result.items).toHaveLength(1)
  }, 60_000)

  it('import --watch takes a photo that comes to rest in the folder, and pauses at Ctrl-C', async () => {
    const inbox = join(folder, 'inbox')
    await cp(join(folder, 'photos/AJ_Lamas'), join(inbox, 'AJ_Lamas'), { recursive: true })
    const command = spawnServerProcess('cli', { SEMBLANCE_URL: server.url }, ['import', inbox, '--watch'])
    const exited = once(command.process, 'exit')
    const inboxNow = async () => {
      const { items } = (await callsTo(server).ask('GET', '/imports')).json
      return items.find(({ name }: { name: string }) => name === inbox)
    }
    await expect.poll(inboxNow, { timeout: 30_000, interval: 500 }).toMatchObject({ state: 'open' })
    await cp(photo, join(inbox, 'Late/photo.jpg'))
    const rows = { byOutcome: { enrolled: 1, 'same-picture': expect.any(Number) } }
    await expect.poll(inboxNow, { timeout: 30_000, interval: 500 }).toMatchObject({ state: 'open', rows })
    command.process.kill('SIGINT')
    expect(await exited, command.output()).toEqual([130, null])
    expect(await inboxNow()).toMatchObject({ state: 'paused' })
  }, 90_000)

  it('persons merge makes one person of two', async () => {
    const [name] = PEOPLE
    const { items } = (await ask('persons', 'list', '--name', name!)).result
    const { id } = (await ask('persons', 'create', 'Twin')).result
    const merged = await run(['persons', 'merge', items[0].id, '--into', id])
    expect([merged.code, merged.err]).toEqual([0, ''])
    expect(merged.out).toContain('pictures of this person: ')
    expect((await ask('persons', 'merge', items[0].id, '--into', id)).result).toMatchObject({
      id,
      name: 'Twin',
    })
    expect((await ask('persons', 'show', id)).result.images.items.length).toBeGreaterThan(0)
    expect((await ask('persons', 'merge', id, '--into', id)).fault).toContain('into itself')
  }, 60_000)

  it('import reads persons from file names by a pattern, and leaves the rest to the server where it is detached', async () => {
    for (const name of ['Pat Tern_1.jpg', 'Pat Tern_2.jpg', 'Other_1.jpg', 'unlike.jpg'])
      await cp(photo, join(folder, 'named', name))
    const { code, result } = await ask(
      ...['import', 'named', '--pattern', '{person}_{n}.jpg', '--same-picture', 'enroll', '--detach'],
    )
    // Whether a row that is wrong already has ended by then is a matter of time.
    expect([code, result.takesRows, result.rows.total], JSON.stringify(result)).toEqual([1, false, 4])
    const made = () => callsTo(server).ask('GET', `/imports/${result.id}`)
    const byOutcome = { enrolled: 3, invalid: 1 }
    await expect
      .poll(async () => (await made()).json, { timeout: 30_000, interval: 500 })
      .toMatchObject({ state: 'done', rows: { byOutcome } })
    const { items } = (await ask('persons', 'list', '--name', 'Pat Tern')).result
    expect(items.map(({ externalId }: { externalId: string }) => externalId)).toEqual(['Pat Tern'])
    expect((await ask('persons', 'show', items[0].id)).result.images.items).toHaveLength(2)
  }, 60_000)

  it('doctor finds nothing wrong with a server that is ready', async () => {
    const { code, result, err } = await ask('doctor')
    expect(code, err).toBe(0)
    expect(result.findings).toContainEqual(
      expect.objectContaining({ part: 'server', state: 'fine', what: `${server.url} is ready` }),
    )
    expect(result.findings).toContainEqual(expect.objectContaining({ part: 'temporary files' }))
  }, 30_000)

  it.each([
    ['an option that is not there', ['search', 'x.jpg', '--limt', '1'], 2],
    ['a number that is none', ['search', 'x.jpg', '--limit', 'many'], 2],
    ['no sub-command', ['persons'], 2],
    ['a key file that is not there', ['stats', '--key-file', '/no/such/file'], 2],
    ['a server that is away', ['stats', '--url', 'http://127.0.0.1:1'], 3],
    ['help', ['search', '--help'], 0],
    ['the version', ['--version'], 0],
  ] as const)(
    'ends by the table of exit codes: %s',
    async (_what, args, expected) => {
      const { code, err } = await run(args)
      expect(code, err).toBe(expected)
      expect(err).not.toMatch(/^ {4}at /m)
    },
    30_000,
  )
})
