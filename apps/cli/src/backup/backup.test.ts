import { createHash, randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { ImageId, ImageStore, PackId } from '@semblance/core'
import { aClock, aDescriptor, anImage, aPerson } from '@semblance/core/testing'
import { openDiskImageStore, openSqliteStores, type SqliteStores } from '@semblance/store-local'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { bareProgram } from '../command/bare-program.ts'
import type { Progress } from '../command/progress.ts'
import { CommandFault } from '../server/command-fault.ts'
import { verifyStores } from '../verify/verify-stores.ts'
import { backUp } from './back-up.ts'
import { addBackupCommands } from './backup-commands.ts'
import { type BackupKey, readBackupKey } from './backup-key.ts'
import { restore } from './restore.ts'
import type { Retention } from './retention.ts'

const { signal } = new AbortController()
let folder: string
let stores: SqliteStores
let pictures: ImageStore
let printed: string[]
const at = (...names: readonly string[]) => join(folder, ...names)
const placeOf = (id: ImageId) => join('pictures', id.slice(-2), id)

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'semblance backup '))
  await mkdir(at('data'))
  stores = await openSqliteStores({ file: at('data', 'semblance.sqlite'), clock: aClock() })
  pictures = await openDiskImageStore({ folder: at('data', 'pictures'), clock: aClock() })
  printed = []
  vi.spyOn(process.stdout, 'write').mockImplementation((line) => printed.push(String(line)) > 0)
})
afterEach(async () => {
  vi.restoreAllMocks()
  process.exitCode = 0
  await pictures.close()
  await stores.records.close()
  await rm(folder, { recursive: true, force: true })
})

/** A person with a picture, as a server that runs would write them. */
async function enroll(content: string): Promise<ImageId> {
  const person = aPerson()
  const bytes = Buffer.from(content)
  const descriptor = aDescriptor(1, { packId: 'builtin@2' as PackId })
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const image = anImage({ personId: person.id, bytes: bytes.length, sha256, descriptor })
  await stores.records.persons.insert(person)
  await stores.records.images.insert(image)
  await pictures.put(image.id, bytes)
  return image.id
}

const take = async () =>
  (await backUp({ backups: at('backups'), data: at('data') }, signal)) as { backup: string; linked: number }
const there = async () => (await readdir(at('backups'))).filter((name) => name !== '.lock')
const bring = async (backup: string) => {
  const { json, exitCode } = await restore({ backup, data: at('restored') }, signal)
  return { ...JSON.parse(json), exitCode }
}
const changeFile = async (file: string, content: string) => {
  await rm(file)
  await writeFile(file, content, 'latin1')
}

describe('a backup', () => {
  it('is what there was, whatever is written and deleted after it', async () => {
    const id = await enroll('Ada')
    const { backup } = await take()
    await enroll('Grace')
    await rm(at('data', placeOf(id)))
    expect(await bring(backup)).toMatchObject({ persons: 1, images: 1, pictures: 1, findings: 0 })
    expect(await readFile(at('restored', placeOf(id)), 'utf8')).toBe('Ada')
  })

  it('of a few pictures, which has not all folders, is whole as it lies there', async () => {
    await enroll('Ada')
    await enroll('Grace')
    const { backup } = await take()
    await mkdir(join(backup, 'pictures', '00'), { recursive: true })
    const { json, exitCode } = await verifyStores({ data: backup }, signal)
    expect(JSON.parse(json)).toMatchObject({ pictures: 2, findings: 0 })
    expect(exitCode).toBe(0)
  })

  it('is searched for pictures that nobody knows, whichever folders there are', async () => {
    await enroll('Ada')
    const { backup } = await take()
    const stray = '01936a5c-7e1d-7c3a-9f52-6d0a4b1c8e77'
    await mkdir(join(backup, 'pictures', '77'), { recursive: true })
    await writeFile(join(backup, 'pictures', '77', stray), 'nobody')
    const { json } = await verifyStores({ data: backup }, signal)
    expect(JSON.parse(json).found).toMatchObject([{ id: stray }])
  })

  it('tells how many pictures are copied, and a restore how many are copied and compared', async () => {
    for (const name of ['Ada', 'Grace', 'Joan']) await enroll(name)
    const seen: string[] = []
    const openProgress = (done: string): Progress => ({
      update: (now) => seen.push(`${now.done} of ${now.total} ${done}`),
      stop: () => seen.push(`${done}: stopped`),
    })
    const backing = { backups: at('backups'), data: at('data'), progress: openProgress('copied') }
    const { backup } = await backUp(backing, signal)
    expect(seen).toEqual(['1 of 3 copied', '2 of 3 copied', '3 of 3 copied'])
    await restore({ backup, data: at('restored'), openProgress }, signal)
    expect(seen.slice(3)).toEqual([
      ...['1 of 3 copied', '2 of 3 copied', '3 of 3 copied', 'copied: stopped'],
      ...['3 of 3 compared', 'compared: stopped'],
    ])
  })

  it('is not begun where there is no data folder, and says how to name one', async () => {
    const begun = backUp({ backups: at('new'), data: at('no-data') }, signal)
    const message = expect.stringMatching(/no-data.*--data.*SEMBLANCE_DATA/)
    await expect(begun).rejects.toMatchObject({ name: CommandFault.name, exitCode: 2, message })
    await expect(readdir(at('new'))).rejects.toThrow('ENOENT')
  })

  it('holds again what the last one has without taking its room, and stays whole when that one goes', async () => {
    const id = await enroll('Ada')
    const first = await take()
    await enroll('Grace')
    const second = await take()
    expect([first.linked, second.linked]).toEqual([0, 1])
    expect((await stat(join(second.backup, placeOf(id)))).nlink).toBe(2)
    await rm(first.backup, { recursive: true })
    expect(await bring(second.backup)).toMatchObject({ pictures: 2, findings: 0 })
  })

  it('leaves out pictures without a record, and those of persons who are deleted', async () => {
    const [gone, kept] = [await enroll('Ada'), await enroll('Grace')]
    await stores.records.images.move(gone, { from: ['ready'], to: 'deleting' })
    await writeFile(at('data', 'pictures', '00', `${kept.slice(0, -2)}00`), 'nobody')
    expect(await take()).toMatchObject({ pictures: { files: 1 } })
  })

  it('that was killed is no backup, and is cleared away by the next one', async () => {
    await enroll('Ada')
    const killed = at('backups', '.partial-2020-01-01T00-00-00.000Z')
    await mkdir(killed, { recursive: true })
    await writeFile(join(killed, 'semblance.sqlite'), 'half')
    await expect(bring(killed)).rejects.toThrow('is no whole backup')
    const { backup } = await take()
    expect((await there()).map((name) => at('backups', name))).toEqual([backup])
  })

  it('that cannot be taken leaves nothing', async () => {
    await stores.records.close()
    await changeFile(at('data', 'semblance.sqlite'), 'no database')
    await expect(take()).rejects.toThrow('its database cannot be read')
    expect(await there()).toEqual([])
  })
})

describe('a backup that', () => {
  it('another one overtakes is left alone, and the other one is refused', async () => {
    for (const name of ['Ada', 'Grace', 'Eve']) await enroll(name)
    const both = await Promise.allSettled([take(), take()])
    const [made] = both.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    const [fault] = both.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
    expect(fault).toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('another backup is being made'),
    })
    expect(await bring(made?.backup ?? '')).toMatchObject({ pictures: 3, findings: 0 })
    expect(await take()).toMatchObject({ linked: 3 })
  })
})

describe('an encrypted backup', () => {
  const keyFileOf = async (name: string) => {
    await writeFile(at(name), `${randomBytes(32).toString('base64')}\n`, { mode: 0o600 })
    return at(name)
  }
  const keyOf = async (name = 'key') => readBackupKey(await keyFileOf(name))
  const seal = (key: BackupKey | null) => backUp({ backups: at('backups'), data: at('data'), key }, signal)
  const bringSealed = async (backup: string, key: BackupKey | null) => {
    const { json } = await restore({ backup, data: at('restored'), key }, signal)
    return JSON.parse(json)
  }

  it('comes back with its key, shares pictures with the last one, and has nothing in the clear', async () => {
    const key = await keyOf()
    const id = await enroll('Ada Lovelace')
    await seal(key)
    await enroll('Grace')
    const { backup, linked, isEncrypted } = await seal(key)
    expect([linked, isEncrypted]).toEqual([1, true])
    const files = await readdir(backup, { recursive: true, withFileTypes: true })
    for (const file of files.filter((entry) => entry.isFile())) {
      const bytes = await readFile(join(file.parentPath, file.name))
      expect(bytes.includes('Ada Lovelace') || bytes.includes('SQLite format'), file.name).toBe(false)
    }
    expect((await readdir(at('data'))).filter((name) => name.startsWith('.backup'))).toEqual([])
    expect(await bringSealed(backup, key)).toMatchObject({ persons: 2, pictures: 2, findings: 0 })
    expect(await readFile(at('restored', placeOf(id)), 'utf8')).toBe('Ada Lovelace')
  })

  it('is refused with another key, without one, and with one that it was not made with, and nothing is changed', async () => {
    const [key, other] = [await keyOf(), await keyOf('other')]
    await enroll('Ada')
    const { backup } = await seal(key)
    await expect(bringSealed(backup, other)).rejects.toThrow('with another key')
    await expect(bringSealed(backup, null)).rejects.toThrow('is encrypted: give its key')
    await expect(seal(other)).rejects.toThrow('take another folder for a new key')
    await expect(seal(null)).rejects.toThrow('is encrypted: give its key')
    await expect(readdir(at('restored'))).rejects.toThrow('ENOENT')
    expect(await there()).toHaveLength(1)
    await rm(at('backups'), { recursive: true })
    await expect(bringSealed((await take()).backup, key)).rejects.toThrow('is not encrypted')
  })

  it('in which somebody was at work is refused, or the picture is named', async () => {
    const key = await keyOf()
    const [id, next] = [await enroll('Ada'), await enroll('Eve')]
    const { backup } = await seal(key)
    await mkdir(join(backup, 'pictures', '00'), { recursive: true })
    const verify = () => verifyStores({ data: backup, keyFile: at('key') }, signal)
    expect(JSON.parse((await verify()).json)).toMatchObject({ pictures: 2, findings: 0 })
    await changeFile(
      join(backup, placeOf(id)),
      (await readFile(join(backup, placeOf(next)))).toString('latin1'),
    )
    const { json, exitCode } = await verify()
    expect(exitCode).toBe(1)
    expect(JSON.parse(json).found).toMatchObject([{ finding: 'picture-damaged', id }])
    await expect(bringSealed(backup, key)).rejects.toThrow('is damaged')
    const summary = JSON.parse(await readFile(join(backup, 'backup.json'), 'utf8'))
    await changeFile(
      join(backup, 'backup.json'),
      JSON.stringify({ ...summary, pictures: { files: 0, bytes: 0 } }),
    )
    await expect(bringSealed(backup, key)).rejects.toThrow('its backup.json was changed')
  })

  it('needs a key file that holds a key', async () => {
    await writeFile(at('short'), 'c2hvcnQ=')
    await expect(readBackupKey(at('short'))).rejects.toThrow('openssl rand -base64 32')
    await expect(readBackupKey(at('none'))).rejects.toThrow('ENOENT')
  })
})

describe('retention', () => {
  const takeAnd = (retention: Retention) =>
    backUp({ backups: at('backups'), data: at('data'), retention }, signal)

  it('removes older backups, and nothing that is not a whole backup of ours', async () => {
    await enroll('Ada')
    const [first, second] = [await take(), await take()]
    const damaged = await take()
    await rm(join(damaged.backup, 'semblance.sqlite'))
    const foreign = ['notes.txt', '.partial-mine', '2027', '2020-01-01T00-00-00.000Z']
    await writeFile(at('backups', foreign[0]!), '')
    for (const name of foreign.slice(1)) await mkdir(at('backups', name))
    const { backup, removed } = await takeAnd({ keep: 2 })
    expect(removed).toEqual([basename(first.backup)])
    const names = [...foreign, ...[second, damaged, { backup }].map((one) => basename(one.backup))]
    expect((await there()).toSorted()).toEqual(names.toSorted())
    expect(await bring(second.backup)).toMatchObject({ pictures: 1, findings: 0 })
  })

  it('leaves what was just made, also where a wrong clock has made a newer one', async () => {
    await enroll('Ada')
    const { backup } = await take()
    const summary = JSON.parse(await readFile(join(backup, 'backup.json'), 'utf8'))
    await writeFile(
      join(backup, 'backup.json'),
      JSON.stringify({ ...summary, at: '2126-01-01T00:00:00.000Z' }),
    )
    const future = '2126-01-01T00-00-00.000Z'
    await rename(backup, at('backups', future))
    const made = await takeAnd({ keep: 1 })
    expect(made.removed).toEqual([])
    expect(await there()).toEqual([basename(made.backup), future])
  })

  it('removes nothing when the new backup fails', async () => {
    await enroll('Ada')
    await take()
    await take()
    await stores.records.close()
    await changeFile(at('data', 'semblance.sqlite'), 'no database')
    await expect(takeAnd({ keep: 1 })).rejects.toThrow('its database cannot be read')
    expect(await there()).toHaveLength(2)
  })
})

describe('semblance backup', () => {
  const run = async (...args: readonly string[]) => {
    const program = bareProgram()
    addBackupCommands(program)
    await program.parseAsync(['backup', at('backups'), '--data', at('data'), ...args], { from: 'user' })
    return printed.splice(0).join('')
  }

  it('tells for people, and with --json in the one shape of all commands', async () => {
    await enroll('Ada')
    const lines = (await run()).split('\n')
    expect(lines).toEqual([
      expect.stringContaining(at('backups')),
      '1 picture of 3 bytes, 0 of them shared with the last backup',
      '',
    ])
    const { command, exitCode, result } = JSON.parse(await run('--json'))
    expect([command, exitCode]).toEqual(['backup', 0])
    expect(result).toMatchObject({ pictures: { files: 1, bytes: 3 }, linked: 1 })
  })

  it('tells a fault in that shape, too', async () => {
    await stores.records.close()
    await changeFile(at('data', 'semblance.sqlite'), 'no database')
    vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    const told = JSON.parse(await run('--json'))
    expect(told).toEqual({
      command: 'backup',
      exitCode: 1,
      fault: expect.stringContaining('its database cannot be read'),
    })
  })
})

describe('a restore', () => {
  it('writes over nothing', async () => {
    await enroll('Ada')
    const { backup } = await take()
    await bring(backup)
    const again = bring(backup)
    await expect(again).rejects.toThrow('is not empty')
    await expect(again).rejects.toMatchObject({ name: CommandFault.name, exitCode: 2 })
  })

  it('of which two begin at once is made by one, and the other removes nothing', async () => {
    const id = await enroll('Ada')
    const { backup } = await take()
    const ended = await Promise.allSettled([bring(backup), bring(backup), bring(backup)])
    expect(ended.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected', 'rejected'])
    const refused = ended.find((each) => each.status === 'rejected')
    expect(refused?.reason).toMatchObject({ message: expect.stringContaining('is not empty'), exitCode: 2 })
    expect(await readFile(at('restored', placeOf(id)), 'utf8')).toBe('Ada')
  })

  it('names a picture that is not what was enrolled', async () => {
    const id = await enroll('Ada')
    const { backup } = await take()
    await changeFile(join(backup, placeOf(id)), 'Eve')
    expect(await bring(backup)).toMatchObject({
      findings: 1,
      found: [{ finding: 'picture-damaged', id }],
      exitCode: 1,
    })
  })

  it.each([
    ['a picture', (backup: string, id: ImageId) => rm(join(backup, placeOf(id)))],
    [
      'the right database',
      (backup: string) => writeFile(join(backup, 'semblance.sqlite'), 'x', { flag: 'a' }),
    ],
  ])('of a backup without %s leaves nothing', async (_, damage) => {
    const id = await enroll('Ada')
    const { backup } = await take()
    await damage(backup, id)
    await expect(bring(backup)).rejects.toThrow('nothing was restored')
    expect(await readdir(at('restored'))).toEqual([])
  })
})
