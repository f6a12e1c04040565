// While an image is made, in its folder: `prune.mjs APP...` takes out what these apps do not read, and writes down the
// licences of the rest.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const modules = 'node_modules'
/** The engine's networks lie in the image, compiled; TypeScript is a peer that one client names for its types alone. */
const WITHOUT = ['@vladmandic/face-api', '@vladmandic/human', 'typescript', '@typescript', '.bin']
const SHOWS_THE_PAGE = ['gateway', 'standalone']
/** Sources, types and pages for developers. Licences stay. */
const FOR_DEVELOPERS = /(\.map|\.[cm]?ts|\.md|\.markdown|\.flow|\.tsbuildinfo|\.[ch](pp|c)?|\.gypi?)$/
/** `prebuilds` for a runtime that is not Node. */
const OTHER_RUNTIME = /\.bare$/
/** Names of metrics and the like, which no trace has, and what `require` would load of them. */
const CONVENTIONS = '@opentelemetry/semantic-conventions'
const UNUSED_CONVENTIONS = /\.cjs$|^(index-incubating|experimental_\w+)\.mjs$/
/** What sqlite is built from, where nothing is built. */
const SOURCES = ['better-sqlite3/deps', 'better-sqlite3/src']

for (const name of [...WITHOUT, ...SOURCES]) rmSync(join(modules, name), { recursive: true, force: true })
removeOtherPlatforms()
removeOtherWorkspaces()
const files = readdirSync(modules, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
for (const { parentPath, name } of files) {
  const isConvention = parentPath.startsWith(join(modules, CONVENTIONS))
  const isUnused = FOR_DEVELOPERS.test(name) || OTHER_RUNTIME.test(name)
  if (isUnused || (isConvention && UNUSED_CONVENTIONS.test(name))) rmSync(join(parentPath, name))
}
writeFileSync('LICENSES.txt', licences(files))

/** The workspaces that the apps named on the command line run with; npm links those of their tests as well. */
function removeOtherWorkspaces() {
  const needed = new Set(process.argv.slice(2).map((app) => `@semblance/${app}`))
  const folders = ['apps', 'libs'].flatMap((group) => list(group).map((name) => join(group, name)))
  const manifests = new Map(folders.map((folder) => [manifestOf(folder).name, folder]))
  for (const name of needed) {
    const { dependencies = {} } = manifestOf(manifests.get(name))
    for (const other of Object.keys(dependencies)) if (manifests.has(other)) needed.add(other)
  }
  // The console is no program: whoever serves HTTP shows its files, and reads no manifest of it.
  const showsPage = SHOWS_THE_PAGE.some((app) => process.argv.includes(app))
  for (const [name, folder] of manifests) {
    if (needed.has(name)) continue
    if (name === '@semblance/console' && showsPage) {
      keepOnly(folder, 'dist')
      continue
    }
    rmSync(folder, { recursive: true })
    rmSync(join(modules, name), { force: true })
  }
}

function keepOnly(folder, kept) {
  for (const name of list(folder)) if (name !== kept) rmSync(join(folder, name), { recursive: true })
}

function manifestOf(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
}

/** Packages that carry the native files of all platforms. */
function removeOtherPlatforms() {
  const { platform, arch } = process
  const runtime = join(modules, 'onnxruntime-node', 'bin')
  for (const version of list(runtime)) {
    for (const system of list(join(runtime, version))) {
      for (const cpu of list(join(runtime, version, system))) {
        if (system !== platform || cpu !== arch)
          rmSync(join(runtime, version, system, cpu), { recursive: true })
      }
    }
  }
  const sqlite = join(modules, 'better-sqlite3', 'prebuilds')
  for (const file of list(sqlite)) {
    if (file !== `${platform}-${arch}.node`) rmSync(join(sqlite, file))
  }
}

function list(folder) {
  try {
    return readdirSync(folder)
  } catch (error) {
    // Not every image has every package.
    if (error.code === 'ENOENT') return []
    throw error
  }
}

/** One line for each package: its name, version and licence, as it says itself. */
function licences(all) {
  const manifests = all.filter(({ name }) => name === 'package.json').map(({ parentPath }) => parentPath)
  const lines = manifests.map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    // Packages may hold further `package.json` files without a name, for the format of their modules.
    return name && version ? `${name} ${version}: ${license?.type ?? license ?? 'not said'}` : null
  })
  return `${[...new Set(lines)]
    .filter((line) => line !== null)
    .sort()
    .join('\n')}\n`
}
