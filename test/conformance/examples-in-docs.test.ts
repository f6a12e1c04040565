import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findSharedData } from '../servers/shared-data.ts'
import { type StandaloneServer, startStandaloneServer } from '../servers/standalone-server.ts'
import { samplePhotos } from './sample-photos.ts'

const run = promisify(execFile)
const shared = findSharedData()
const root = join(import.meta.dirname, '../..')
const { gul } = samplePhotos(shared)

/** The first code block of a language in a page, or in what follows a heading of it. */
async function exampleOf(page: string, language: string, heading = ''): Promise<string> {
  const text = await readFile(join(root, 'docs', page), 'utf8')
  const from = text.slice(text.indexOf(heading))
  const code = new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(from)?.[1]
  if (code === undefined) throw new Error(`${page} has no example in ${language}`)
  return code
}

describe.skipIf(shared === null)('the examples in the docs', () => {
  let server: StandaloneServer
  let folder: string
  const local = (code: string) => code.replaceAll(/(http:\/\/)?localhost:41101/g, server.url)

  beforeAll(async () => {
    server = await startStandaloneServer()
    folder = await mkdtemp(join(tmpdir(), 'semblance-examples-'))
    const photo = await gul('0002')
    // What follows the picture's end is passed over; 300 KB are more than a command line holds.
    await writeFile(join(folder, 'ada.jpg'), Buffer.concat([photo, Buffer.alloc(300_000)]))
    await writeFile(join(folder, 'unknown.jpg'), await gul('0004'))
  })
  afterAll(async () => {
    await server?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  it('find the person with the official JavaScript client', async () => {
    const code = local(await exampleOf('clients.md', 'js')).replaceAll(/'(\w+\.jpg)'/g, `'${folder}/$1'`)
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', code], { cwd: root })
    expect(stdout).toMatch(/^Ada 0\.\d+ 0\.\d+\n\[ 'Ada' \]\n$/)
  })

  it('send a large photo as a file and as JSON, with the same answer', async () => {
    const code = local(await exampleOf('api.md', 'bash', '## Forms'))
    const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', code], { cwd: folder })
    const [asFile, asJson] = stdout.split(/(?<=\})(?=\{"code")/)
    expect(JSON.parse(asFile!)).toMatchObject({ code: 0, persons: [{ name: 'Ada' }] })
    expect(asJson).toBe(asFile)
  })
})
