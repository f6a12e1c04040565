import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdir, mkdtemp, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const deploy = join(import.meta.dirname, '../../deploy')
/** In the place of the command line: tells how it was run. */
const TELLING = `
const { NODE_COMPILE_CACHE, SEMBLANCE_MODELS, SEMBLANCE_PACKS } = process.env
console.log(JSON.stringify({
  node: process.version, args: process.argv.slice(2), NODE_COMPILE_CACHE, SEMBLANCE_MODELS, SEMBLANCE_PACKS,
}))
`
const WAITING = `console.log('it runs'); setInterval(() => {}, 1000)`
/** Makes any Node tell that it is an older one. */
const AS_OLDER = [
  '--import',
  'data:text/javascript,Object.defineProperty(process.versions, "node", { value: "20.9.0" })',
]

describe.skipIf(process.platform === 'win32')('the command of the package', () => {
  let folder: string
  let home: string
  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'semblance command ')))
    home = join(folder, 'home')
    await mkdir(join(folder, 'node_modules/node'), { recursive: true })
    await writeFile(join(folder, 'node_modules/node/package.json'), '{"name": "node"}')
    await copyFile(join(deploy, 'package/semblance.mjs'), join(folder, 'semblance.mjs'))
    for (const file of ['node-environment.mjs', 'run-program.mjs', 'usable-cpus.mjs'])
      await copyFile(join(deploy, file), join(folder, file))
    await putProgram(TELLING)
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  async function putProgram(source: string) {
    const dist = join(folder, 'node_modules/@semblance/cli/dist')
    await mkdir(dist, { recursive: true })
    await writeFile(join(dist, 'main.js'), source)
  }

  /** As `npm install` leaves it where install scripts may run. */
  async function putPinnedNode() {
    await mkdir(join(folder, 'node_modules/node/bin'))
    await symlink(process.execPath, join(folder, 'node_modules/node/bin/node'))
  }

  const run = async (
    args: readonly string[],
    {
      node = [process.execPath],
      env = {},
    }: { readonly node?: readonly string[]; readonly env?: object } = {},
  ) => {
    const [file, ...flags] = node
    const { stdout } = await promisify(execFile)(file!, [...flags, join(folder, 'semblance.mjs'), ...args], {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: home, ...env },
    })
    return JSON.parse(stdout)
  }

  it('keeps the compiled networks of standalone in the data folder', async () => {
    const models = join(folder, 'data/models')
    expect(await run(['start'])).toMatchObject({
      args: ['start'],
      SEMBLANCE_MODELS: models,
      SEMBLANCE_PACKS: join(folder, 'models'),
      NODE_COMPILE_CACHE: join(models, '.node'),
    })
  })

  it.runIf(process.platform === 'linux')('keeps those of a worker in the cache of its user', async () => {
    const usual = join(home, '.cache/semblance/models')
    expect((await run(['worker'])).SEMBLANCE_MODELS).toBe(usual)
    const cache = join(folder, 'cache')
    const told = await run(['worker'], { env: { XDG_CACHE_HOME: cache, SEMBLANCE_MODELS: '' } })
    expect(told.SEMBLANCE_MODELS).toBe(join(cache, 'semblance/models'))
  })

  it('keeps them where it is told to', async () => {
    for (const program of ['start', 'worker']) {
      const told = await run([program], { env: { SEMBLANCE_MODELS: '/elsewhere' } })
      expect(told).toMatchObject({ SEMBLANCE_MODELS: '/elsewhere', NODE_COMPILE_CACHE: '/elsewhere/.node' })
    }
  })

  it('makes no folder for a gateway and for the commands of an operator', async () => {
    const before = await readdir(folder)
    expect((await run(['gateway'])).args).toEqual(['gateway'])
    expect((await run(['verify', '--data', 'here'])).args).toEqual(['verify', '--data', 'here'])
    expect((await run(['doctor'])).SEMBLANCE_MODELS).toBe(join(folder, 'data/models'))
    expect(await readdir(folder)).toEqual(before)
  })

  it('hands over to the pinned Node when an older one runs it', async () => {
    await putPinnedNode()
    for (const node of [[process.execPath, ...AS_OLDER], ...(await olderNodes())])
      expect((await run(['gateway'], { node })).node).toBe(process.version)
  })

  it('says which Node it needs when an older one runs it and the pinned one is missing', async () => {
    for (const node of [[process.execPath, ...AS_OLDER], ...(await olderNodes())])
      await expect(run(['gateway'], { node })).rejects.toMatchObject({
        code: 1,
        stdout: '',
        stderr: expect.stringMatching(
          /^semblance: Node 24 is needed, and this is v[\d.]+: npm was told not to/,
        ),
      })
  })

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('passes %s on, and ends as the program does', async (signal, expected) => {
    await putProgram(WAITING)
    const child = spawn(process.execPath, [join(folder, 'semblance.mjs'), 'gateway'], { cwd: folder })
    await once(child.stdout, 'data')
    child.kill(signal)
    const [code] = await once(child, 'close')
    expect(code).toBe(expected)
  })

  it('ends with the exit code of the program', async () => {
    await putProgram('process.exit(7)')
    await expect(run(['gateway'])).rejects.toMatchObject({ code: 7 })
  })
})

/** Commands that run a Node on this machine in which the programs would not work; told if there is none. */
async function olderNodes(): Promise<readonly (readonly string[])[]> {
  const files = (process.env.PATH ?? '').split(delimiter).map((at) => join(at, 'node'))
  const older: string[][] = []
  for (const file of new Set(files)) {
    const answer = await promisify(execFile)(file, ['-p', 'process.versions.node']).catch(() => null)
    if (answer !== null && Number.parseInt(answer.stdout, 10) < 24) older.push([file])
  }
  if (older.length === 0) console.warn('tried with a pretended older Node only: there is none on PATH')
  return older
}
