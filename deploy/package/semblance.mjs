#!/usr/bin/env node
// The command of the installable package. Runs under whatever Node is at hand, then hands over to one that is new enough.
import { spawn } from 'node:child_process'
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { programEnvironment } from './node-environment.mjs'

const folder = dirname(fileURLToPath(import.meta.url))
/** `AsyncDisposableStack` is there from this version on. */
const OLDEST_NODE = 24
/** What has an entry of its own; all else is a command of the command line. */
const PROGRAMS = { start: 'standalone', gateway: 'gateway', worker: 'worker' }

const [task = '--help', ...rest] = process.argv.slice(2)
const program = Object.hasOwn(PROGRAMS, task) ? PROGRAMS[task] : 'cli'
const args = program === 'cli' ? [task, ...rest] : rest
const entry = join(folder, 'node_modules', '@semblance', program, 'dist', 'main.js')
const child = spawn(nodeToRun(), [entry, ...args], { stdio: 'inherit', env: environment() })
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
// A terminal sends SIGINT to the child itself; this process only has to outlive it.
for (const signal of signals) process.on(signal, () => signal !== 'SIGINT' && child.kill(signal))
child.once('error', (error) => fail(error.message))
child.once('exit', (code, signal) => {
  process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 143)
})

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

/** The folder of the package may be read-only: what the server compiles lies in the data folder. */
function environment() {
  const given = withoutEmptySettings(process.env)
  const { SEMBLANCE_DATA: data = './data' } = given
  const models = given.SEMBLANCE_MODELS ?? join(resolve(data), 'models')
  const own = { SEMBLANCE_PACKS: join(folder, 'models'), SEMBLANCE_MODELS: models }
  // Commands that look at a data folder must make nothing in it, and a worker has none.
  if (program !== 'standalone') {
    delete own.SEMBLANCE_MODELS
    return programEnvironment('', { ...own, ...given })
  }
  makeDataFolder(resolve(data))
  return programEnvironment(join(models, '.node'), { ...own, ...given })
}

/** An empty setting counts as not set, as in the server: compose files leave them so. */
function withoutEmptySettings(env) {
  const isSet = ([name, value]) => !(name.startsWith('SEMBLANCE_') && value === '')
  return Object.fromEntries(Object.entries(env).filter(isSet))
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
