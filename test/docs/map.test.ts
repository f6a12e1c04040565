import { expect, it } from 'vitest'
import { files, read } from './repository.ts'

const map = read('docs/architecture.md')
/** What a port hands out, or a part of one. */
const PARTS_OF_PORTS: readonly string[] = ['Lease', 'IndexCopy']
const manifests = files.filter((file) => /^(libs|apps)\/[^/]+\/package\.json$/.test(file))

it('the map has every workspace', () => {
  const workspaces = manifests.map((file) => file.replace('/package.json', ''))
  expect(workspaces.length).toBeGreaterThan(10)
  expect(workspaces.filter((name) => !map.includes(`\`${name}\``))).toEqual([])
})

it('the map says of each lib all that it imports', () => {
  const unsaid = manifests
    .filter((file) => file.startsWith('libs/'))
    .flatMap((file) => {
      const lib = file.replace('/package.json', '')
      const [, told = ''] = new RegExp(`^\\| \`${lib}\` \\|[^|]*\\| ([^|]*) \\|$`, 'm').exec(map) ?? []
      return importsOf(file)
        .filter((name) => !told.split(', ').includes(name))
        .map((name) => `${lib} imports ${name}`)
    })
  expect(unsaid).toEqual([])
})

it('the map has every file that runs in a thread of its own', () => {
  const sources = files.filter((file) => /^libs\/.*(?<!\.test)\.ts$/.test(file)).map(read)
  const entries = sources.flatMap((source) =>
    [...source.matchAll(/new URL\(\s*[`'"][./\w-]*?([\w-]+-thread)\b/g)].map(([, entry = '']) => entry),
  )
  expect(entries.length).toBeGreaterThan(3)
  expect(entries.filter((entry) => !map.includes(`\`${entry}.ts\``))).toEqual([])
})

it('the map has every port', () => {
  const ports = files.filter((file) => /^libs\/core\/src\/ports\/.*\.ts$/.test(file))
  const declared = ports.flatMap((file) =>
    [...read(file).matchAll(/^export interface (\w+)[^{]*\{([\s\S]*?)^\}/gm)]
      .filter(([, , body = '']) => body.includes('): Promise<'))
      .map(([, name = '']) => name),
  )
  expect(declared.length).toBeGreaterThan(8)
  const ours = declared.filter((name) => !PARTS_OF_PORTS.includes(name))
  expect(ours.filter((name) => !map.includes(`\`${name}\``))).toEqual([])
})

function importsOf(manifest: string): readonly string[] {
  const { dependencies = {} } = JSON.parse(read(manifest)) as {
    readonly dependencies?: Readonly<Record<string, string>>
  }
  return Object.keys(dependencies).flatMap((name) => /^@semblance\/(.*)$/.exec(name)?.[1] ?? [])
}
