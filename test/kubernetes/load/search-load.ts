import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { imageName } from '../kubectl.ts'
import { json, type Release } from '../release.ts'

/** One search of the load. */
export interface LoadedSearch {
  /** When it was asked for first, ms since 1970. */
  readonly at: number
  /** Until its last answer. */
  readonly ms: number
  /** What came of each try, such as `200`, `503 E_OVERLOADED` or `ECONNRESET`. Only a 503 with Retry-After is tried again. */
  readonly tries: readonly string[]
  /** The answer names the person of the picture. */
  readonly isFound: boolean
}

/** A pod that searches for enrolled photos through the Service, as `search-load.mjs` says. */
export interface SearchLoad {
  /** Searches a second from now on. */
  setRate(perSecond: number): Promise<void>
  /** All that have ended. */
  soFar(): Promise<readonly LoadedSearch[]>
  /** All that have ended, once no search is open any more. None is begun after it. */
  finish(): Promise<readonly LoadedSearch[]>
  /** How many listings over kept connections ended with which status or fault; they go on while there are searches. */
  listings(): Promise<Readonly<Record<string, number>>>
  close(): void
}

const NAME = 'load'
const PORT = 8080

/** Persons with a photo each; the load searches for these photos. */
export interface Photo {
  readonly name: string
  readonly content: Buffer
}

/** Enrolls everybody by a call each. */
export async function enrollAll(release: Release, photos: readonly Photo[]): Promise<void> {
  for (const { name, content } of photos) {
    const { id } = await release.call('POST', '/api/persons', json({ name }))
    const image = { content: content.toString('base64') }
    await release.call('POST', `/api/persons/${id}/images`, json({ image }))
  }
}

export function openSearchLoad(release: Release, photos: readonly Photo[]): SearchLoad {
  const items = [scriptMap(), photoMap(photos), loadPod()]
  release.kubectl(['create', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
  release.kubectl(['wait', '--for=condition=Ready', 'pod', NAME, '--timeout=120s'])
  const pod = `/api/v1/namespaces/${release.namespace}/pods/${NAME}:${PORT}/proxy`
  return {
    setRate: async (perSecond) => {
      await release.server.ask(`${pod}/rate?perSecond=${perSecond}`)
    },
    soFar: () => release.server.ask(`${pod}/results`),
    finish: async () => {
      await release.server.ask(`${pod}/finish`)
      return release.server.ask(`${pod}/results`)
    },
    listings: () => release.server.ask(`${pod}/listings`),
    close: () => {
      release.kubectl(['delete', 'pod', NAME, '--grace-period=1'])
      release.kubectl(['delete', 'configmap', `${NAME}-script`, `${NAME}-photos`])
    },
  }
}

function scriptMap() {
  const script = readFileSync(join(import.meta.dirname, 'search-load.mjs'), 'utf8')
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `${NAME}-script` },
    data: { 'search-load.mjs': script },
  }
}

function photoMap(photos: readonly Photo[]) {
  const files = photos.map(({ name, content }) => [`${name}.jpg`, content.toString('base64')] as const)
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `${NAME}-photos` },
    binaryData: Object.fromEntries(files),
  }
}

/** In the gateway's image, which has Node. */
function loadPod() {
  const container = {
    name: NAME,
    image: `${imageName}:gateway`,
    imagePullPolicy: 'IfNotPresent',
    command: ['node', '/load/search-load.mjs'],
    env: [
      { name: 'URL_OF_GATEWAYS', value: 'http://faces-gateway' },
      { name: 'KEYS_FILE', value: '/keys/keys' },
    ],
    readinessProbe: { tcpSocket: { port: PORT }, periodSeconds: 1 },
    resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '256Mi' } },
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
    volumeMounts: [
      { name: 'script', mountPath: '/load' },
      { name: 'photos', mountPath: '/photos' },
      { name: 'keys', mountPath: '/keys' },
    ],
  }
  const spec = {
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 1000,
      fsGroup: 1000,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [container],
    volumes: [
      { name: 'script', configMap: { name: `${NAME}-script` } },
      { name: 'photos', configMap: { name: `${NAME}-photos` } },
      { name: 'keys', secret: { secretName: 'keys', defaultMode: 0o440 } },
    ],
  }
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: NAME }, spec }
}
