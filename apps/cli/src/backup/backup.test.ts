import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ImageId, ImageStore, PackId } from '@semblance/core'
import { aClock, aDescriptor, anImage, aPerson } from '@semblance/core/testing'
import { openDiskImageStore, openSqliteStores, type SqliteStores } from '@semblance/store-local'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { bareProgram } from '../command/bare-program.ts'
import { CommandFault } from '../server/command-fault.ts'
import { backUp } from './back-up.ts'
import { addBackupCommands } from './backup-commands.ts'
import { restore } from './restore.ts'

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
  const descriptor = aDescriptor(1, { packId: 'builtin@1' as PackId })
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const image = anImage({ personId: person.id, bytes: bytes.length, sha256, descriptor })
  await stores.records.persons.insert(person)
  await stores.records.images.insert(image)
  await pictures.put(image.id, bytes)
  return image.id
}

const take = async () =>
  (await backUp({ backups: at('backups'), data: at('data') }, signal)) as { backup: string; linked: number }
const bring = async (backup: string) => {
  const { json, exitCode } = await restore({ backup, data: at('restored') }, signal)
  return { ...JSON.parse(json), exitCode }
}
const changeFile = async (file: string, content: string) => {
  await rm(file)
  await writeFile(file, content)
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
    expect((await readdir(at('backups'))).map((name) => at('backups', name))).toEqual([backup])
  })

  it('that cannot be taken leaves nothing', async () => {
    await stores.records.close()
    await changeFile(at('data', 'semblance.sqlite'), 'no database')
    await expect(take()).rejects.toThrow('its database cannot be read')
    expect(await readdir(at('backups'))).toEqual([])
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
      '1 pictures of 3 bytes, 0 of them shared with the last backup',
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
