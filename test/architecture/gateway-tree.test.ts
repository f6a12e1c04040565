import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')

interface LockedPackage {
  readonly link?: boolean
  readonly resolved?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
  readonly packages: Readonly<Record<string, LockedPackage>>
}

/** Every package that is installed for a workspace, by npm's own rule of looking upwards. */
function treeOf(workspace: string): ReadonlySet<string> {
  const seen = new Set<string>()
  const visit = (path: string) => {
    if (seen.has(path)) return
    seen.add(path)
    const { dependencies, optionalDependencies } = packages[path] ?? {}
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const found = placeOf(name, path)
      if (found !== null) visit(found)
    }
  }
  visit(workspace)
  return seen
}

function placeOf(name: string, from: string): string | null {
  for (let folder = from; ; folder = folder.replace(/(^|\/)(node_modules\/)?(@[^/]+\/)?[^/]+$/, '')) {
    const path = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`
    const found = packages[path]
    if (found !== undefined) return found.link === true ? (found.resolved ?? null) : path
    if (folder === '') return null
  }
}

const namesIn = (workspace: string) =>
  new Set([...treeOf(workspace)].map((path) => path.replace(/^.*node_modules\//, '')))

describe('what is installed for', () => {
  it('a gateway has no networks and no picture decoder in it', () => {
    const names = namesIn('apps/gateway')
    for (const heavy of ['sharp', 'onnxruntime-node', 'better-sqlite3', 'libs/engine', 'libs/store-local']) {
      expect(names).not.toContain(heavy)
    }
    for (const own of ['libs/api', 'express', 'bullmq', 'mongodb']) expect(names).toContain(own)
  })

  it('standalone needs no client of any server', () => {
    const names = namesIn('apps/standalone')
    for (const client of ['ioredis', 'bullmq', 'mongodb', '@qdrant/js-client-rest']) {
      expect(names).not.toContain(client)
    }
    for (const own of ['sharp', 'onnxruntime-node', 'better-sqlite3']) expect(names).toContain(own)
  })
})
