// Makes the installable package from what `build.mjs` made: semblance-<version>.tgz in the folder that is named.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const readJson = (...parts) => JSON.parse(readFileSync(join(root, ...parts), 'utf8'))
const isOurs = (name) => name.startsWith('@semblance/')

/** No program: files that servers show. */
const PAGE = 'console'

const destination = resolve(process.argv[2] ?? '.')
const staging = mkdtempSync(join(tmpdir(), 'semblance-package-'))
try {
  stage()
  const npm = process.env.npm_execpath
  const args = ['pack', staging, '--silent', '--ignore-scripts', '--pack-destination', destination]
  const options = { cwd: staging, stdio: 'inherit' }
  const { status, error } = npm
    ? spawnSync(process.execPath, [npm, ...args], options)
    : spawnSync('npm', args, options)
  if (error !== undefined) throw error
  process.exitCode = status ?? 1
} finally {
  rmSync(staging, { recursive: true, force: true })
}

/** Workspaces come inside, as bundled dependencies; packages of npm are fetched in exactly the versions tested here. */
function stage() {
  const { name, version, description, license, type, devDependencies } = readJson('package.json')
  const apps = readdirSync(join(root, 'apps')).filter((app) => app !== PAGE)
  const workspaces = neededBy(apps.map((app) => `@semblance/${app}`))
  const dependencies = { node: devDependencies.node }
  for (const { folder, manifest } of workspaces) {
    for (const [wanted, exact] of Object.entries(manifest.dependencies ?? {})) {
      if (!isOurs(wanted)) dependencies[wanted] = exact
    }
    dependencies[manifest.name] = manifest.version
    stageWorkspace(folder, manifest)
  }
  for (const file of [
    'package/semblance.mjs',
    'node-environment.mjs',
    'run-program.mjs',
    'usable-cpus.mjs',
  ]) {
    cpSync(join(root, 'deploy', file), join(staging, file.replace('package/', '')))
  }
  cpSync(join(root, 'LICENSE'), join(staging, 'LICENSE'))
  cpSync(join(root, 'README.md'), join(staging, 'README.md'))
  cpSync(join(root, 'models'), join(staging, 'models'), {
    recursive: true,
    filter: (from) => !from.endsWith('.cache'),
  })
  cpSync(join(root, 'apps', PAGE, 'dist'), join(staging, PAGE), { recursive: true })
  const bundleDependencies = workspaces.map(({ manifest }) => manifest.name)
  const bin = { semblance: 'semblance.mjs' }
  // Private: it is installed from the file, and nobody publishes it by mistake.
  write(staging, {
    name,
    version,
    private: true,
    description,
    license,
    type,
    bin,
    dependencies,
    bundleDependencies,
  })
}

function stageWorkspace(folder, { name, version, license, type }) {
  const to = join(staging, 'node_modules', name)
  mkdirSync(to, { recursive: true })
  cpSync(join(root, folder, 'dist'), join(to, 'dist'), {
    recursive: true,
    filter: (from) => !/\.(d\.ts|map|tsbuildinfo)$/.test(from),
  })
  write(to, { name, version, private: true, license, type, exports: { '.': './dist/index.js' } })
}

function write(folder, manifest) {
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
}

/** The workspaces named, and those that they depend on. */
function neededBy(names) {
  const known = new Map()
  for (const group of ['libs', 'apps']) {
    for (const workspace of readdirSync(join(root, group))) {
      const folder = join(group, workspace)
      const manifest = readJson(folder, 'package.json')
      known.set(manifest.name, { folder, manifest })
    }
  }
  const needed = new Set(names)
  for (const name of needed) {
    for (const other of Object.keys(known.get(name).manifest.dependencies ?? {}).filter(isOurs))
      needed.add(other)
  }
  return [...needed].map((name) => known.get(name))
}
