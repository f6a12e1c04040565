import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { chartFolder, KUBERNETES, type Manifest, podsOf, withoutHelm } from './helm.ts'

const folder = mkdtempSync(join(tmpdir(), 'semblance-chart-'))
afterAll(() => rmSync(folder, { recursive: true }))

interface Dependency {
  readonly name: string
  readonly version: string
  readonly repository: string
  readonly condition?: string
}

describe.skipIf(withoutHelm !== null)(`the chart with its stores ${withoutHelm ?? ''}`, () => {
  cpSync(join(chartFolder, '../semblance-with-stores'), folder, { recursive: true })
  const { dependencies } = parse(readFileSync(join(folder, 'Chart.yaml'), 'utf8')) as {
    readonly dependencies: readonly Dependency[]
  }
  cpSync(chartFolder, join(folder, 'charts/semblance'), { recursive: true })
  // Archives of the others cannot be fetched here: an empty chart stands for each.
  for (const { name, version, condition } of dependencies.filter(
    ({ condition }) => condition !== undefined,
  )) {
    const stub = join(folder, 'charts', name)
    mkdirSync(join(stub, 'templates'), { recursive: true })
    const exact = version.replace('~', '')
    writeFileSync(join(stub, 'Chart.yaml'), `apiVersion: v2\nname: ${name}\nversion: ${exact}\n`)
    writeFileSync(
      join(stub, 'templates/stub.yaml'),
      `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${condition?.split('.')[0]}\n`,
    )
  }
  const render = (...changes: readonly string[]): readonly Manifest[] => {
    const set = changes.flatMap((change) => ['--set', change])
    const keys = ['--set', 'semblance.api.keysSecret.name=keys']
    const args = ['template', 'faces', folder, '--kube-version', KUBERNETES, ...keys, ...set]
    return parseAllDocuments(execFileSync('helm', args, { encoding: 'utf8' })).map(
      (document) => document.toJS() as Manifest,
    )
  }
  const stubs = (manifests: readonly Manifest[]) =>
    manifests
      .filter(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name !== 'semblance-test')
      .map(({ metadata }) => metadata.name)
      .toSorted()

  it('runs Semblance on its own stores, and makes the indexes after them', () => {
    const manifests = render()
    expect(stubs(manifests)).toEqual(['mongodb-kubernetes', 'qdrant', 'valkey'])
    expect(podsOf(manifests).has('semblance-gateway')).toBe(true)
    const [prepare] = manifests.filter(({ kind }) => kind === 'Job')
    expect(prepare?.metadata.annotations?.['helm.sh/hook']).toBe('post-install,pre-upgrade')
    expect(manifests.filter(({ kind }) => kind === 'MongoDBCommunity')).toHaveLength(1)
  })

  it('names each node of Qdrant by itself', () => {
    const values = parse(readFileSync(join(folder, 'values.yaml'), 'utf8'))
    const { fullnameOverride, replicaCount } = values.qdrant
    const nodes = Array.from({ length: replicaCount }, (_, i) => `${fullnameOverride}-${i}`)
    const urls = nodes.map((node) => `http://${node}.${fullnameOverride}-headless:6333`)
    expect(values.semblance.stores.qdrant.urls).toEqual(urls)
  })

  it('leaves out each store that is elsewhere', () => {
    const manifests = render('valkey.enabled=false', 'qdrant.enabled=false', 'mongodb.enabled=false')
    expect(stubs(manifests)).toEqual(['mongodb-kubernetes'])
    expect(manifests.filter(({ kind }) => kind === 'MongoDBCommunity')).toEqual([])
  })
})
