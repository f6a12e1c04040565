import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

/** The page built from these sources, in a folder of its own. */
export interface BuiltConsole {
  readonly folder: string
  remove(): void
}

export function buildConsole(): BuiltConsole {
  const folder = mkdtempSync(join(tmpdir(), 'semblance-console-'))
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
  const workspace = join(root, 'apps', 'console')
  const args = ['build', workspace, '--config', join(workspace, 'vite.config.ts'), '--outDir', folder]
  const made = spawnSync(process.execPath, [vite, ...args, '--emptyOutDir', '--logLevel', 'error'], {
    cwd: root,
    encoding: 'utf8',
  })
  if (made.status !== 0) throw new Error(`the console was not built: ${made.stdout}${made.stderr}`)
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
