import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')
const cache = join(root, 'node_modules', '.cache', 'semblance-console')
/** What the page is made of. */
const SOURCES = ['apps/console', 'libs/client/src', 'package-lock.json']
/** Pages that were built from sources of before. */
const FORGOTTEN_AFTER_MS = 24 * 3_600_000

/** The folder of the page built from these sources: once for all tests, as long as the sources stay what they are. */
export function buildConsole(): string {
  const folder = join(cache, digestOf(SOURCES))
  if (existsSync(folder)) return folder
  mkdirSync(cache, { recursive: true })
  for (const name of readdirSync(cache))
    if (Date.now() - statSync(join(cache, name)).mtimeMs > FORGOTTEN_AFTER_MS)
      rmSync(join(cache, name), { recursive: true, force: true })
  const made = mkdtempSync(join(cache, 'building-'))
  build(made)
  try {
    renameSync(made, folder)
  } catch (error) {
    // Another test was quicker.
    if (!existsSync(folder)) throw error
    rmSync(made, { recursive: true })
  }
  return folder
}

function build(folder: string): void {
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
  const workspace = join(root, 'apps', 'console')
  const args = ['build', workspace, '--config', join(workspace, 'vite.config.ts'), '--outDir', folder]
  const made = spawnSync(process.execPath, [vite, ...args, '--emptyOutDir', '--logLevel', 'error'], {
    cwd: root,
    encoding: 'utf8',
  })
  if (made.status === 0) return
  rmSync(folder, { recursive: true })
  throw new Error(`the console was not built: ${made.stdout}${made.stderr}`)
}

function digestOf(sources: readonly string[]): string {
  const hash = createHash('sha256')
  for (const file of sources.flatMap((source) => filesOf(join(root, source))))
    hash.update(`${file}\n`).update(readFileSync(file))
  return hash.digest('hex').slice(0, 16)
}

function filesOf(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path)
    .filter((name) => name !== 'node_modules' && name !== 'dist')
    .toSorted()
    .flatMap((name) => filesOf(join(path, name)))
}
