// Builds the console's page with Vite, unless the page that is there is of the same sources. Runs under any Node.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runProgram } from './run-program.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const workspace = join(root, 'apps', 'console')
/** What the page is made from: its workspace, the client, and the packages of both. */
const SOURCES = [workspace, join(root, 'libs', 'client'), join(root, 'package-lock.json')]
const NOT_SOURCES = ['dist', 'node_modules']
/** Within the page's folder, of which servers serve no such file. A build that was cut off leaves none. */
const STAMP = join(workspace, 'dist', '.sources')

/**
 * For a server that is about to start. It never throws: without the page the server leads to `/docs` instead.
 * @param {string} node
 */
export async function buildConsoleIfNew(node) {
  try {
    if (!existsSync(workspace)) return
    const wanted = sourcesHash()
    if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return
    console.error('Building the console (once) ...')
    if ((await buildConsole(node, wanted)) !== 0)
      console.error('The console was not built; the server starts without it.')
  } catch (error) {
    console.error(`The console was not built (${error.message}); the server starts without it.`)
  }
}

/**
 * Resolves with Vite's exit code.
 * @param {string} node
 * @param {string} hash of the sources, before they are read
 */
export async function buildConsole(node, hash = sourcesHash()) {
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
  const args = ['build', workspace, '--config', join(workspace, 'vite.config.ts'), '--logLevel', 'error']
  const code = await runProgram([node, vite, ...args], { cwd: root, isForPeople: true })
  if (code === 0) writeFileSync(STAMP, hash)
  return code
}

function sourcesHash() {
  const hash = createHash('sha256')
  for (const file of SOURCES.flatMap(filesOf)) {
    hash
      .update(relative(root, file).split(sep).join('/'))
      .update('\0')
      .update(readFileSync(file))
      .update('\0')
  }
  return hash.digest('hex')
}

function filesOf(path) {
  const entries = listed(path)
  if (entries === null) return [path]
  return entries
    .filter(({ name }) => !NOT_SOURCES.includes(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => (entry.isDirectory() ? filesOf(join(path, entry.name)) : [join(path, entry.name)]))
}

function listed(path) {
  try {
    return readdirSync(path, { withFileTypes: true })
  } catch (error) {
    if (error.code === 'ENOTDIR') return null
    throw error
  }
}
