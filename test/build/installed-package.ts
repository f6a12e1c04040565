import { type ExecFileOptions, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'

const root = join(import.meta.dirname, '../..')
const INSTALL_TIMEOUT_MS = 240_000
const START_TIMEOUT_MS = 60_000
const REGISTRY_TIMEOUT_MS = 15_000
/** The pinned Node comes first, as `#!/usr/bin/env node` finds it. */
const env = { ...process.env, PATH: dirname(process.execPath) + delimiter + process.env.PATH }
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

/** Packs what was built and installs it, with nothing else, in `folder`. No package's install script is run. */
export async function installPackage(folder: string): Promise<void> {
  await run(process.execPath, [join(root, 'deploy/pack.mjs'), folder], { timeout: INSTALL_TIMEOUT_MS })
  const options = ['--prefix', folder, '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund']
  await npm(['install', ...options, join(folder, 'semblance-0.1.0.tgz')], {
    cwd: folder,
    timeout: INSTALL_TIMEOUT_MS,
  })
}

/** Runs `semblance start` of the package in `folder`; `use` gets the address once it is ready. */
export async function withInstalledServer(
  { folder, port }: { readonly folder: string; readonly port: number },
  use: (server: { readonly url: string }) => Promise<void>,
): Promise<void> {
  const child = spawn(join(folder, 'node_modules/.bin/semblance'), ['start'], {
    cwd: folder,
    env: { ...env, ...EMPTY, SEMBLANCE_PORT: String(port) },
  })
  let printed = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      printed += String(chunk)
    })
  const exited = once(child, 'exit')
  try {
    const url = `http://127.0.0.1:${port}`
    const deadline = Date.now() + START_TIMEOUT_MS
    for (;;) {
      const answer = await fetch(`${url}/api/readyz`).catch(() => null)
      if (answer?.status === 200) break
      if (Date.now() > deadline || child.exitCode !== null) throw new Error(`it did not start:\n${printed}`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    await use({ url })
  } finally {
    child.kill('SIGTERM')
    await exited
  }
}

function npm(args: readonly string[], options: ExecFileOptions): Promise<unknown> {
  const path = process.env.npm_execpath
  return path === undefined
    ? run('npm', [...args], { ...options, env })
    : run(process.execPath, [path, ...args], { ...options, env })
}
