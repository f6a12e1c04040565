import { type ExecFileOptions, execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmod, chown, lstat, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { type ServerProcess, type ServerStart, startCommand } from '../servers/server-process.ts'

const root = join(import.meta.dirname, '../..')
const INSTALL_TIMEOUT_MS = 240_000
const REGISTRY_TIMEOUT_MS = 15_000
/** The user of Linux that owns nothing. */
const NOBODY = 65_534
/** The pinned Node comes first, as `#!/usr/bin/env node` finds it. */
const PATH = dirname(process.execPath) + delimiter + process.env.PATH
/** As a compose file leaves them: they count as not set. */
const EMPTY = { SEMBLANCE_DATA: '', SEMBLANCE_MODELS: '', SEMBLANCE_PACKS: '' }
const run = promisify(execFile)

/** Why no package can be installed from npm here; null if it can. */
export async function whyNoRegistry(): Promise<string | null> {
  const asked = npm(['view', 'zod', 'name', '--prefer-online'], { timeout: REGISTRY_TIMEOUT_MS })
  return asked.then(
    () => null,
    () => 'no registry of npm answers',
  )
}

/** The package, installed with nothing else in a folder that nothing may be written to. */
export interface InstalledPackage {
  /** Where the command runs: the only folder that it may write to, beside `home`. */
  readonly place: string
  readonly home: string
  /** Runs `semblance <task>`; ready once resolved. */
  start(task: string, start: Pick<ServerStart, 'env' | 'readyUrl' | 'isReady'>): Promise<ServerProcess>
  /** Each file of the program with its hash and the time of its last change. */
  contents(): Promise<ReadonlyMap<string, string>>
  remove(): Promise<void>
}

/** Packs what was built and installs it. No package's install script is run. */
export async function installPackage(): Promise<InstalledPackage> {
  const folder = await mkdtemp(join(tmpdir(), 'semblance package '))
  const [program, place, home] = [join(folder, 'program'), join(folder, 'place'), join(folder, 'home')]
  const remove = async () => {
    await setWritable(program, true)
    await rm(folder, { recursive: true, force: true })
  }
  try {
    for (const each of [program, place, home]) await mkdir(each)
    await install(program)
    await setWritable(program, false)
    const user = await userWithoutRights(folder)
    if ('uid' in user) for (const each of [place, home]) await chown(each, user.uid, user.gid)
    const command = join(program, 'node_modules/.bin/semblance')
    // npm names its cache to the scripts that it runs, such as these tests: that of another user here.
    const env = { ...EMPTY, PATH, HOME: home, XDG_CACHE_HOME: '', npm_config_cache: join(home, '.npm') }
    return {
      place,
      home,
      start: (task, start) =>
        startCommand([command, task], { ...start, env: { ...env, ...start.env } }, { ...user, cwd: place }),
      contents: () => contentsOf(program),
      remove,
    }
  } catch (error) {
    await remove()
    throw error
  }
}

async function install(program: string): Promise<void> {
  await run(process.execPath, [join(root, 'deploy/pack.mjs'), program], { timeout: INSTALL_TIMEOUT_MS })
  const options = ['--prefix', program, '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund']
  await npm(['install', ...options, join(program, 'semblance-0.1.0.tgz')], {
    cwd: program,
    timeout: INSTALL_TIMEOUT_MS,
  })
}

/** Modes do not bind root: in its place the programs run as a user whom they do. Where that cannot be, why is printed. */
async function userWithoutRights(
  folder: string,
): Promise<{ readonly uid: number; readonly gid: number } | Record<never, never>> {
  if (process.getuid?.() !== 0) return {}
  await chmod(folder, 0o755)
  const user = { uid: NOBODY, gid: NOBODY }
  const tried = `require('node:fs').writeFileSync(${JSON.stringify(join(folder, 'program/probe'))}, '')`
  const failed = await run(process.execPath, ['-e', tried], { ...user, cwd: folder }).catch(
    (error: Error) => error,
  )
  if (failed instanceof Error && failed.message.includes('EACCES')) return user
  console.warn(`the folder of the package can be written, as the tests run as root: ${failed}`)
  return {}
}

async function setWritable(folder: string, isWritable: boolean): Promise<void> {
  // The folder itself first, as a folder must be writable for its owner before what is in it can be removed.
  for (const path of [folder, ...(await pathsIn(folder))]) {
    const { mode } = await lstat(path)
    await chmod(path, isWritable ? mode | 0o200 : mode & ~0o222)
  }
}

async function contentsOf(folder: string): Promise<ReadonlyMap<string, string>> {
  const contents = new Map<string, string>()
  for (const path of await pathsIn(folder)) {
    const found = await lstat(path)
    const hash = found.isFile()
      ? createHash('sha256')
          .update(await readFile(path))
          .digest('hex')
      : ''
    contents.set(path, `${found.mtimeMs} ${hash}`)
  }
  return contents
}

/** Links are left out: what they lead to is in the folder, too. */
async function pathsIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => !entry.isSymbolicLink())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
}

function npm(args: readonly string[], options: ExecFileOptions): Promise<unknown> {
  const path = process.env.npm_execpath
  const env = { ...process.env, PATH }
  return path === undefined
    ? run('npm', [...args], { ...options, env })
    : run(process.execPath, [path, ...args], { ...options, env })
}
