// Compiles every workspace to its `dist`, which its package's exports name; the console's is a page. Runs under the pinned Node.
import { spawnSync } from 'node:child_process'
import { readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildConsole } from './console.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')

// The compiler leaves the output of sources that are gone.
for (const group of ['libs', 'apps']) {
  for (const workspace of readdirSync(join(root, group))) {
    rmSync(join(root, group, workspace, 'dist'), { recursive: true, force: true })
  }
}
const { status, error } = spawnSync(process.execPath, [tsc, '-b', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
})
if (error !== undefined) throw error
process.exitCode = status === 0 ? await buildConsole(process.execPath) : (status ?? 1)
