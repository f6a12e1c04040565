import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findSharedData } from '../servers/shared-data.ts'
import { type StandaloneServer, startStandaloneServer } from '../servers/standalone-server.ts'
import { callsTo } from './calls.ts'
import { readAlbums } from './photos.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../..')
const shared = findSharedData()

describe.skipIf(shared === null)('a backup by hand, by the commands of docs/operations.md', () => {
  let folder: string
  let server: StandaloneServer
  let photos: Buffer[]

  /** The shell commands of its section that make the folder `backup`: with the server stopped, and with it running. */
  async function commands(): Promise<{
    readonly stopped: string
    readonly running: string
    /** What comes before the start on the copy of the backup. */
    readonly restore: string
  }> {
    const page = await readFile(join(root, 'docs/operations.md'), 'utf8')
    const section = page.split('### By hand')[1]!.split('\n## ')[0]!
    const blocks = [...section.matchAll(/```bash\n(.*?)```/gs)].map(([, text = '']) => text)
    const [stopped = '', running = '', ...rest] = blocks.filter((text) => !text.includes('npm start'))
    expect(rest).toEqual([])
    const restore = blocks.find((text) => text.includes('npm start')) ?? ''
    expect(restore).toContain('SEMBLANCE_DATA=data-restored npm start')
    return { stopped, running, restore: restore.split('\n')[0]! }
  }

  const inFolder = (command: string) => run('bash', ['-euc', command], { cwd: folder })
  const start = (name: string) => startStandaloneServer({ dataFolder: join(folder, name) })
  const enroll = async (name: string, photo: Buffer) => {
    const id = await callsTo(server).createPerson({ name })
    expect((await callsTo(server).addImage(id, photo)).status).toBe(200)
    return id
  }
  const found = async (photo: Buffer) => (await callsTo(server).search(photo)).json.persons[0]?.name

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'semblance backup '))
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
    const albums = (await readAlbums(shared!)).slice(0, 2)
    photos = await Promise.all(albums.map((album) => readFile(album.photos[0]!)))
  })
  afterAll(async () => {
    await server?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  it('taken while it runs is whole: the server that is started on it finds everybody, and has the pictures', async () => {
    server = await start('data')
    const ada = await enroll('Ada', photos[0]!)
    await enroll('Grace', photos[1]!)
    const { stdout } = await inFolder((await commands()).running)
    expect(stdout).toBe('saved\n')
    await callsTo(server).ask('DELETE', `/persons/${ada}`)
    await server.stop()

    server = await start('backup')
    expect(await Promise.all(photos.map(found))).toEqual(['Ada', 'Grace'])
    const [image] = await callsTo(server).imageIds(ada)
    const picture = await callsTo(server).ask('GET', `/persons/${ada}/images/${image}`)
    expect(picture.bytes.equals(photos[0]!)).toBe(true)
    await server.stop()
  })

  it('taken while it is stopped is what it was', async () => {
    await inFolder(`rm -r backup; ${(await commands()).stopped}`)
    await inFolder((await commands()).restore)
    // A second time they would put one copy into the other.
    for (const command of Object.values(await commands())) await expect(inFolder(command)).rejects.toThrow()
    server = await start('data-restored')
    expect(await Promise.all(photos.map(found))).toEqual([undefined, 'Grace'])
    await enroll('Barbara', photos[0]!)
    await server.stop()
    // Used through a copy, the backup stays what it was.
    server = await start('backup')
    expect(await Promise.all(photos.map(found))).toEqual([undefined, 'Grace'])
  })
})
