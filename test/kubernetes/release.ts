import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chartFolder } from '../chart/helm.ts'
import { type ApiServer, openApiServer } from './api-server.ts'
import { imageName, kubectl, runMeanwhile } from './kubectl.ts'
import { storeObjects, storeUrls } from './stores/stores.ts'

export type Values = Readonly<Record<string, unknown>>

/** The chart as release `faces`, in a namespace of its own, on stores of its own. */
export interface Release {
  readonly namespace: string
  readonly server: ApiServer
  /** `helm install` or `helm upgrade`; `values` go before those of all tests. Resolves once all pods are ready. */
  apply(action: 'install' | 'upgrade', values: Values): Promise<void>
  /** Any other command of helm about the release, such as `rollback`. */
  helm(action: string, ...args: readonly string[]): Promise<string>
  /** In the namespace. */
  kubectl(args: readonly string[], input?: string): string
  /** Calls the API of a gateway by way of the API server. */
  // biome-ignore lint/suspicious/noExplicitAny: answers of many kinds
  call(method: string, path: string, content?: Content): Promise<any>
  /** Removes the namespace, with all that is in it. */
  close(): void
}

export interface Content {
  readonly type: string
  readonly body: string | Buffer
}

const API_KEY = 'key-of-the-tests'
/** Pods of a share of a core take some time until they are ready. */
const WAIT: readonly string[] = ['--wait', '--timeout', '300s']

const part = (tag: string) => ({ image: { repository: imageName, tag } })

/** What every release of the tests has. */
const STANDARD: Values = {
  stores: {
    redis: { urlSecret: { name: 'stores', key: 'redis' } },
    mongodb: { urlSecret: { name: 'stores', key: 'mongodb' } },
    qdrant: { urls: [storeUrls.qdrant] },
  },
  api: { keysSecret: { name: 'keys' } },
  settings: { SEMBLANCE_QDRANT_REPLICAS: 1, SEMBLANCE_QDRANT_SHARDS: 2 },
  gateway: { ...part('gateway'), resources: { requests: { cpu: '100m', memory: '256Mi' } } },
  searchWorkers: part('worker'),
  bulkWorkers: part('worker'),
  prepare: part('standalone'),
}

/** A namespace under the standard `restricted`, with secrets and running stores, and nothing installed yet. */
export async function openRelease(): Promise<Release> {
  const namespace = `semblance-${randomUUID().slice(0, 8)}`
  const inNamespace = (args: readonly string[], input = '') => kubectl(['-n', namespace, ...args], input)
  kubectl(['create', 'namespace', namespace])
  kubectl(['label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=restricted'])
  const items = [
    secret('stores', { redis: storeUrls.redis, mongodb: storeUrls.mongodb }),
    secret('keys', { keys: `${API_KEY}\n` }),
    ...storeObjects(`${imageName}:stores`),
  ]
  inNamespace(['create', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
  inNamespace(['wait', '--for=condition=Ready', 'pod', '--all', '--timeout=120s'])
  const server = await openApiServer()
  const folder = mkdtempSync(join(tmpdir(), 'semblance-release-'))
  const helm = (action: string, ...args: readonly string[]) =>
    runMeanwhile('helm', [action, 'faces', '-n', namespace, ...args])
  return {
    namespace,
    server,
    kubectl: inNamespace,
    helm,
    apply: async (action, values) => {
      const files = [STANDARD, values].map((of, index) => {
        const file = join(folder, `${index}.json`)
        writeFileSync(file, JSON.stringify(of))
        return ['--values', file]
      })
      await helm(action, chartFolder, ...files.flat(), ...WAIT)
    },
    call: (method, path, content) => {
      const headers = { 'X-API-Key': API_KEY, ...(content !== undefined && { 'Content-Type': content.type }) }
      const service = `/api/v1/namespaces/${namespace}/services/faces-gateway:http/proxy`
      return server.ask(`${service}${path}`, {
        method,
        headers,
        ...(content !== undefined && { body: content.body as string }),
      })
    },
    close: () => {
      server.close()
      rmSync(folder, { recursive: true })
      kubectl(['delete', 'namespace', namespace, '--wait=false'])
    },
  }
}

function secret(name: string, stringData: Readonly<Record<string, string>>): Values {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData }
}

/** A body of JSON. */
export function json(value: unknown): Content {
  return { type: 'application/json', body: JSON.stringify(value) }
}
