import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { callsTo } from '../e2e/calls.ts'
import { smallPhotos } from '../e2e/photos.ts'
import { spawnServerProcess } from '../servers/server-process.ts'
import { findSharedData } from '../servers/shared-data.ts'
import { startStandaloneServer } from '../servers/standalone-server.ts'

const shared = findSharedData()
/** So many that a backup or a removal is caught in the middle. */
const STAGED = 12_000

describe.skipIf(shared === null)('semblance backup, killed', () => {
  let folder: string
  const at = (...names: string[]) => join(folder, ...names)
  const args = (...more: string[]) => [
    ...['backup', at('backups'), '--data', at('data'), '--key-file', at('key'), '--json'],
    ...more,
  ]
  /** All but the lock, which stays. */
  const names = async () => (await readdir(at('backups')).catch(() => [])).filter((name) => name !== '.lock')

  /** Its result; throws if it ended with another exit code than 0. */
  async function semblance(...given: string[]) {
    const command = spawnServerProcess('cli', {}, given)
    const [code] = await once(command.process, 'close')
    expect(code, command.output()).toBe(0)
    return JSON.parse(command.output().match(/^\{"command".*\}$/m)![0]).result
  }

  async function killAsSoonAs(isAmidst: () => Promise<boolean>, ...more: string[]) {
    const command = spawnServerProcess('cli', {}, args(...more))
    const closed = once(command.process, 'close')
    while (!(await isAmidst()) && command.process.exitCode === null)
      await new Promise((resolve) => setTimeout(resolve, 1))
    command.process.kill('SIGKILL')
    await closed
    return command.process.signalCode === 'SIGKILL'
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'semblance backup kills '))
    const server = await startStandaloneServer({ dataFolder: at('data'), env: { SEMBLANCE_THREADS: '1' } })
    const id = await callsTo(server).createPerson({ name: 'Ada' })
    expect((await callsTo(server).addImage(id, (await smallPhotos(shared!))[0]!)).status).toBe(200)
    await server.stop()
    // Pictures that wait for a row are copied without asking the database for them.
    const wait =
      'mkdir -p staged/00 && for n in $(seq $0); do printf x > $(printf staged/00/01936a5c-7e1d-7c3a-9f52-6d0a%08x $n); done'
    await promisify(execFile)('bash', ['-euc', wait, String(STAGED)], { cwd: at('data') })
    const { stdout } = await promisify(execFile)('openssl', ['rand', '-base64', '32'])
    await writeFile(at('key'), stdout)
  }, 120_000)
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('in the middle of a backup leaves the last one whole, and the next one tidies up', async () => {
    const first = await semblance(...args())
    expect(first.pictures.files).toBe(STAGED + 1)
    const isAmidst = async () => {
      const partial = (await names()).find((name) => name.startsWith('.partial-'))
      if (partial === undefined) return false
      return (await readdir(at('backups', partial, 'staged', '00')).catch(() => [])).length > 20
    }
    expect(await killAsSoonAs(isAmidst)).toBe(true)
    expect((await names()).filter((name) => !name.startsWith('.'))).toHaveLength(1)
    const second = await semblance(...args())
    expect(second.linked).toBe(STAGED + 1)
    expect((await names()).length).toBe(2)
    expect((await readdir(at('data'))).filter((name) => name.startsWith('.backup-'))).toEqual([])
    expect(
      await semblance('verify', '--data', first.backup, '--key-file', at('key'), '--json'),
    ).toMatchObject({
      pictures: 1,
      findings: 0,
    })
  }, 120_000)

  it('in the middle of a removal leaves no half a backup, and the newest is whole', async () => {
    const isAmidst = async () => (await names()).some((name) => name.startsWith('.removing-'))
    expect(await killAsSoonAs(isAmidst, '--keep', '1')).toBe(true)
    const whole = (await names()).filter((name) => !name.startsWith('.')).toSorted()
    expect(whole.length).toBeGreaterThan(0)
    const restored = await semblance(
      ...[
        'restore',
        at('backups', whole.at(-1)!),
        '--data',
        at('restored'),
        '--key-file',
        at('key'),
        '--json',
      ],
    )
    expect(restored).toMatchObject({ persons: 1, pictures: 1, findings: 0 })
    const last = await semblance(...args('--keep', '1'))
    expect(await names()).toEqual([last.backup.split('/').at(-1)])
  }, 120_000)
})
