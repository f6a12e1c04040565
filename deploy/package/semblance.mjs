#!/usr/bin/env node
// The command of the installable package. Runs under whatever Node is at hand, then hands over to one that is new enough.
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync } from 'node:fs'
import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { programEnvironment, withoutEmptySettings } from './node-environment.mjs'
import { runProgram } from './run-program.mjs'

const folder = dirname(fileURLToPath(import.meta.url))
/** `AsyncDisposableStack` is there from this version on. */
const OLDEST_NODE = 24
/** Whatever is asked for: the command line becomes the server, if it is one. */
const entry = join(folder, 'node_modules', '@semblance', 'cli', 'dist', 'main.js')

const [task = '--help', ...rest] = process.argv.slice(2)
process.exitCode = await runProgram([nodeToRun(), entry, task, ...rest], {
  env: environment(),
  isOurs: true,
}).catch((error) => fail(error.message))

/** The pinned Node; or the one at hand, where npm was told to run no install scripts, and the pinned one is missing. */
function nodeToRun() {
  const file = process.platform === 'win32' ? 'node.exe' : 'node'
  const pinned = join(dirname(createRequire(import.meta.url).resolve('node/package.json')), 'bin', file)
  if (existsSync(pinned)) return pinned
  if (Number(process.versions.node.split('.')[0]) >= OLDEST_NODE) return process.execPath
  return fail(
    `Node ${OLDEST_NODE} is needed, and this is ${process.version}: npm was told not to install the pinned one`,
  )
}

function environment() {
  const given = withoutEmptySettings(process.env)
  const models = given.SEMBLANCE_MODELS ?? usualModels(given)
  const shows = task === 'start' || task === 'gateway' ? { SEMBLANCE_CONSOLE: join(folder, 'console') } : {}
  const own = { SEMBLANCE_PACKS: join(folder, 'models'), ...shows }
  // A gateway has no networks, and commands that look at a data folder must make nothing in it.
  if (models === null) return programEnvironment('', { ...own, ...given })
  if (task === 'doctor') return programEnvironment('', { ...own, SEMBLANCE_MODELS: models, ...given })
  return programEnvironment(join(models, '.node'), { ...own, SEMBLANCE_MODELS: models, ...given })
}

/** Where the compiled networks lie: never in the folder of the package, which may be read-only. Null where none are used. */
function usualModels(given) {
  const isCluster = Boolean(given.SEMBLANCE_MONGO_URL) || Boolean(given.SEMBLANCE_MONGO_URL_FILE)
  const asWorker = task === 'worker' || task === 'dev-cluster' || (task === 'doctor' && isCluster)
  if (asWorker) return join(userCache(given), 'semblance', 'models')
  if (task !== 'start' && task !== 'doctor') return null
  const data = resolve(given.SEMBLANCE_DATA ?? './data')
  // The doctor looks, and makes nothing.
  if (task === 'start') makeDataFolder(data)
  return join(data, 'models')
}

/** The folder that the system sets apart for what a program can make again. */
function userCache({ XDG_CACHE_HOME, LOCALAPPDATA }) {
  if (process.platform === 'win32' && LOCALAPPDATA) return LOCALAPPDATA
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches')
  return XDG_CACHE_HOME || join(homedir(), '.cache')
}

/** As the server makes it, for its owner only; it does not do so once the models have made the folder. */
function makeDataFolder(data) {
  try {
    const first = mkdirSync(data, { recursive: true, mode: 0o700 })
    if (first === undefined || process.platform === 'win32') return
    const parent = openSync(dirname(first))
    fsyncSync(parent)
    closeSync(parent)
  } catch {
    // The server will stumble over the same, and says what is wrong.
  }
}

function fail(message) {
  console.error(`semblance: ${message}`)
  process.exit(1)
}
