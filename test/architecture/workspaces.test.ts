import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')

/** Who may depend on whom; an app may use any lib. Adapters know core (and jobs, where they carry them), never each other. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  core: [],
  config: [],
  files: [],
  telemetry: ['config'],
  jobs: ['core'],
  api: ['core', 'jobs', 'import-sources'],
  engine: ['core', 'files'],
  'image-links': ['core'],
  'import-sources': ['core'],
  'store-local': ['core', 'files'],
  'store-mongo': ['core'],
  'index-qdrant': ['core'],
  'queue-bullmq': ['core'],
  cluster: ['core', 'config', 'store-mongo', 'index-qdrant'],
  client: [],
  'dev-servers': [],
  testkit: ['core', 'dev-servers'],
}

/** Entries beside the index: what tests of other workspaces use. */
const OTHER_ENTRIES: Readonly<Record<string, readonly string[]>> = { core: ['./testing'] }

/** The compiler builds none of these: only tests import the testkit, and they run the sources; Vite makes the console. */
const NOT_BUILT = ['testkit', 'console']

/** What the page may use of ours: it talks to the API alone. */
const OF_THE_CONSOLE = ['client']

/** Apps that serve, as the command line does not. */
const SERVERS = ['gateway', 'standalone', 'worker']

interface Manifest {
  readonly name: string
  readonly exports: Readonly<Record<string, unknown>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

function manifestsIn(
  folder: 'libs' | 'apps',
): readonly { readonly group: 'libs' | 'apps'; readonly folder: string; readonly manifest: Manifest }[] {
  return readdirSync(join(root, folder)).map((name) => ({
    group: folder,
    folder: name,
    manifest: JSON.parse(readFileSync(join(root, folder, name, 'package.json'), 'utf8')),
  }))
}

function ours(dependencies: Readonly<Record<string, string>> | undefined): readonly string[] {
  return Object.keys(dependencies ?? {})
    .filter((name) => name.startsWith('@semblance/'))
    .map((name) => name.slice('@semblance/'.length))
}

function groupOf(name: string): 'libs' | 'apps' {
  return Object.hasOwn(ALLOWED, name) ? 'libs' : 'apps'
}

/** Folders that a file of the compiler's settings refers to. */
function referencesIn(file: string): readonly string[] {
  const { references = [] } = JSON.parse(readFileSync(join(root, file), 'utf8')) as {
    readonly references?: readonly { readonly path: string }[]
  }
  return references.map(({ path }) => join(root, dirname(file), path))
}

const libs = manifestsIn('libs')
const apps = manifestsIn('apps')
const built = [...libs, ...apps].filter(({ folder }) => !NOT_BUILT.includes(folder))

/** Workspaces that this one needs, for its tests or to run, and those that they need. */
function neededBy(name: string): ReadonlySet<string> {
  return closure(name, ({ dependencies, devDependencies }) => ({ ...dependencies, ...devDependencies }))
}

/** Those without which this one does not run. */
function neededToRun(name: string): ReadonlySet<string> {
  return closure(name, ({ dependencies = {} }) => dependencies)
}

function closure(
  name: string,
  dependenciesOf: (manifest: Manifest) => Readonly<Record<string, string>>,
): ReadonlySet<string> {
  const directly = new Map(
    [...libs, ...apps].map(({ folder, manifest }) => [folder, ours(dependenciesOf(manifest))]),
  )
  const needed = new Set(directly.get(name))
  for (const one of needed) for (const other of directly.get(one) ?? []) needed.add(other)
  return needed
}

describe('workspaces', () => {
  it('are the ones the diagram names', () => {
    expect(libs.map(({ folder }) => folder).toSorted()).toEqual(Object.keys(ALLOWED).toSorted())
    expect(apps.map(({ folder }) => folder)).toEqual(['cli', 'console', 'gateway', 'standalone', 'worker'])
  })

  it.each(libs)('libs/$folder depends on nothing but what the diagram allows', ({ folder, manifest }) => {
    const forbidden = ours(manifest.dependencies).filter((name) => !ALLOWED[folder]?.includes(name))
    expect(forbidden).toEqual([])
  })

  it.each([...libs, ...apps])('$folder needs no other workspace for its tests but testkit', ({
    manifest,
  }) => {
    expect(ours(manifest.devDependencies).filter((name) => name !== 'testkit')).toEqual([])
  })

  it.each([...libs, ...apps])('$folder does not depend on itself, not even by its tests', ({ folder }) => {
    expect(neededBy(folder)).not.toContain(folder)
  })

  it.each(SERVERS)('%s runs without what starts servers for a developer, and without the testkit', (app) => {
    expect(apps.map(({ folder }) => folder)).toContain(app)
    const needed = neededToRun(app)
    for (const other of ['dev-servers', 'testkit', ...apps.map(({ folder }) => folder)])
      expect(needed).not.toContain(other)
  })

  it.each([...libs, ...apps])('$folder is named after its folder and is entered by its index', ({
    folder,
    manifest,
  }) => {
    expect(manifest.name).toBe(`@semblance/${folder}`)
    expect(Object.keys(manifest.exports)).toEqual(['.', ...(OTHER_ENTRIES[folder] ?? [])])
  })

  it.each(built)('$folder is built after the workspaces that it depends on', ({
    folder,
    group,
    manifest,
  }) => {
    const needed = ours(manifest.dependencies).map((name) => join(root, groupOf(name), name))
    expect(referencesIn(join(group, folder, 'tsconfig.json')).toSorted()).toEqual(needed.toSorted())
  })

  it('let the console use nothing of ours but the client, and no program the client', () => {
    const users = [...libs, ...apps].filter(({ manifest }) => ours(manifest.dependencies).includes('client'))
    expect(users.map(({ folder }) => folder)).toEqual(['console'])
    expect(neededToRun('console')).toEqual(new Set(OF_THE_CONSOLE))
  })

  it('are all built, except what only tests import', () => {
    const all = built.map(({ folder, group }) => join(root, group, folder))
    expect(referencesIn('tsconfig.build.json').toSorted()).toEqual(all.toSorted())
  })

  it('pin every package exactly', () => {
    const rootManifest: Manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    const ranges = [rootManifest, ...libs.map((lib) => lib.manifest), ...apps.map((app) => app.manifest)]
      .flatMap((manifest) => Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }))
      .filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))
    expect(ranges).toEqual([])
  })

  it('are resolved without a registry address in the lockfile', () => {
    expect(readFileSync(join(root, 'package-lock.json'), 'utf8')).not.toMatch(/"resolved": "https?:/)
  })
})
