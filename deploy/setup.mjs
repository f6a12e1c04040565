// Runs under whatever Node is at hand, without dependencies: installs what is missing, then hands over to the pinned Node.
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildConsoleIfNew } from './console.mjs'
import { installAlone } from './install-alone.mjs'
import { hasPackages } from './installed-packages.mjs'
import { nodeEnvironment, programEnvironment } from './node-environment.mjs'
import { runProgram, STOP_SIGNALS } from './run-program.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const at = (...parts) => join(root, ...parts)
const pinnedNode = at('node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
const compileCache = at('node_modules', '.cache', 'semblance')
const fromSource = '--conditions=@semblance/source'

const run = (command, args, env = process.env) => runProgram([command, ...args], { cwd: root, env })

async function mustRun(title, command, args) {
  console.error(`\n> ${title}`)
  const code = await run(command, args)
  if (code !== 0) process.exit(code)
}

/**
 * `npm ci` unless the installed packages are those of this lockfile, by whomever they were installed; an interrupted install
 * leaves no stamp, and npm no note.
 */
async function installPackages() {
  const stamp = at('node_modules', '.semblance-setup')
  const wanted = createHash('sha256')
    .update(readFileSync(at('package-lock.json')))
    .digest('hex')
  const isInstalled = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted
  if (isInstalled()) return
  // npm empties the folder first: of two at once, one would take away what the other has put there.
  const letGo = await installAlone(at('.semblance-installing'))
  try {
    if (isInstalled()) return
    if (existsSync(pinnedNode) && hasPackages(root)) return writeFileSync(stamp, wanted)
    console.error('Installing packages (once) ...')
    const npm = process.env.npm_execpath
    const ci = ['ci', '--no-audit', '--no-fund', '--loglevel=error']
    // The onnxruntime package carries its CPU binaries; its install script would fetch CUDA ones from elsewhere.
    const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' }
    const program = npm ? [process.execPath, npm, ...ci] : ['npm', ...ci]
    const code = await runProgram(program, { cwd: root, env, isForPeople: true })
    if (code !== 0) fail(`npm ci failed (exit code ${code}); see above`)
    if (!existsSync(pinnedNode)) {
      fail(
        'the pinned Node was not installed: the "node" package runs an install script, which npm was told to skip',
      )
    }
    writeFileSync(stamp, wanted)
  } finally {
    letGo()
  }
}

async function test(args, env = process.env) {
  await mustRun('lint', pinnedNode, [at('node_modules', '@biomejs', 'biome', 'bin', 'biome'), 'check', '.'])
  await mustRun('types', pinnedNode, [
    at('node_modules', 'typescript', 'bin', 'tsc'),
    '-p',
    'tsconfig.check.json',
  ])
  await mustRun('types of the console', pinnedNode, [
    at('node_modules', 'typescript', 'bin', 'tsc'),
    '-p',
    at('apps', 'console'),
  ])
  console.error('\n> networks')
  // A test that needs them says better what is wrong.
  await run(pinnedNode, [fromSource, at('test', 'servers', 'make-pack.ts')])
  const folder = mkdtempSync(join(tmpdir(), 'semblance-test-'))
  const report = join(folder, 'report.json')
  let isInterrupted = false
  for (const signal of STOP_SIGNALS) process.once(signal, () => (isInterrupted = true))
  console.error('\n> tests')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const vitest = at('node_modules', 'vitest', 'vitest.mjs')
  const code = await run(
    pinnedNode,
    [vitest, 'run', ...reporters, ...args],
    nodeEnvironment(compileCache, env),
  )
  console.log(isInterrupted ? INTERRUPTED : existsSync(report) ? closingLine(report) : unfinished(code))
  rmSync(folder, { recursive: true, force: true })
  return code
}

/** One file after the other: they share a node. */
function testOnKubernetes(files) {
  const vitest = at('node_modules', 'vitest', 'vitest.mjs')
  const settings = nodeEnvironment(compileCache, process.env)
  return run(pinnedNode, [vitest, 'run', '--no-file-parallelism', ...files], settings)
}

/** A report, if there is one at all then, is of the tests that had ended. */
const INTERRUPTED = 'interrupted: no result'

/** Without a report nothing is known of any test. `run` gives 130 and 143 for a child that was told to stop. */
function unfinished(code) {
  if (code === 130 || code === 143) return INTERRUPTED
  return `no result: the tests ended early (exit code ${code}); see above`
}

/** A suite that cannot even be loaded has no tests, but has failed. */
function closingLine(file) {
  const report = JSON.parse(readFileSync(file, 'utf8'))
  const broken = report.testResults.filter(
    (suite) => suite.status === 'failed' && suite.assertionResults.length === 0,
  )
  const skipped = report.numPendingTests + report.numTodoTests
  const failed = report.numFailedTests + broken.length
  return `${report.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

function fail(message) {
  console.error(`semblance: ${message}`)
  process.exit(1)
}

/** They would run on without what they were told, and nobody would know. */
const SERVERS = ['start', 'gateway', 'worker', 'dev:cluster']
const SHOW_THE_CONSOLE = ['start', 'gateway', 'dev:cluster']
/** What commands end with that were not used as they are meant to be. */
const WRONG_USE = 2

const [task, ...args] = process.argv.slice(2)
const runSource = (file, given = args, place = {}) => {
  const { cwd = root, settings = {} } = place
  const env = { ...programEnvironment(compileCache, process.env), ...settings }
  return runProgram([pinnedNode, fromSource, at(file), ...given], { cwd, env, isOurs: true })
}

/**
 * Paths that somebody types are meant from the folder where they are. npm goes to the root of the repository, and tells in
 * INIT_CWD where it was called. What belongs to the servers of the repository stays where `npm start` has it.
 */
function userPlace() {
  const { INIT_CWD: cwd, npm_lifecycle_event: event, SEMBLANCE_DATA, SEMBLANCE_MODELS } = process.env
  if (event !== task || !cwd || cwd === root) return {}
  const settings = {
    SEMBLANCE_DATA: resolve(root, SEMBLANCE_DATA || 'data'),
    SEMBLANCE_MODELS: resolve(root, SEMBLANCE_MODELS || join('models', '.cache')),
  }
  return { cwd, settings }
}
const tasks = {
  start: () => runSource('apps/standalone/src/main.ts'),
  test: () => test(args),
  'test:slow': () => test(args, { ...process.env, TEST_TIER: 'slow' }),
  'test:kubernetes': () => testOnKubernetes(args.length > 0 ? args : ['test/kubernetes']),
  build: () => run(pinnedNode, [at('deploy', 'build.mjs')]),
  package: async () => {
    await mustRun('build', pinnedNode, [at('deploy', 'build.mjs')])
    return run(pinnedNode, [at('deploy', 'pack.mjs')])
  },
  client: () => runSource('test/client/generate.ts'),
  'dev:cluster': () => runSource('apps/cli/src/main.ts', ['dev-cluster']),
  gateway: () => runSource('apps/gateway/src/main.ts'),
  worker: () => runSource('apps/worker/src/main.ts'),
  semblance: () => runSource('apps/cli/src/main.ts', args, userPlace()),
  evaluate: () => runSource('test/accuracy/evaluate.ts', args, userPlace()),
  bench: () => runSource('test/bench/main.ts'),
  simulate: () => runSource('test/simulate/main.ts'),
}
if (!Object.hasOwn(tasks, task)) fail(`usage: node deploy/setup.mjs ${Object.keys(tasks).join('|')}`)
if (SERVERS.includes(task) && args.length > 0) {
  console.error(
    `semblance: ${task} takes no arguments (${args.join(' ')}); its settings are variables, see docs/operations.md`,
  )
  process.exit(WRONG_USE)
}
await installPackages()
if (SHOW_THE_CONSOLE.includes(task)) await buildConsoleIfNew(pinnedNode)
process.exitCode = await tasks[task]()
