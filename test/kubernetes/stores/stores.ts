/** Any object of Kubernetes. */
type KubernetesObject = Readonly<Record<string, unknown>>

interface Store {
  readonly name: string
  readonly port: number
  readonly command: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Held open: MongoDB's stand-in ends when its standard input does. */
  readonly stdin?: boolean
}

const DATA = '/data'

/** What `gather.ts` puts into the image. */
const STORES: readonly Store[] = [
  {
    name: 'redis',
    port: 6379,
    command: [
      ...['redis-server', '--bind', '0.0.0.0', '--protected-mode', 'no', '--dir', DATA],
      ...['--save', '', '--appendonly', 'yes', '--maxmemory-policy', 'noeviction'],
    ],
  },
  {
    name: 'mongodb',
    port: 27017,
    command: ['mongo-stand-in', '-listen', '0.0.0.0:27017', '-folder', DATA],
    stdin: true,
  },
  {
    name: 'qdrant',
    port: 6333,
    command: ['qdrant'],
    env: {
      RUN_MODE: 'local',
      QDRANT__TELEMETRY_DISABLED: 'true',
      QDRANT__SERVICE__HOST: '0.0.0.0',
      QDRANT__SERVICE__ENABLE_STATIC_CONTENT: 'false',
      QDRANT__STORAGE__STORAGE_PATH: `${DATA}/storage`,
      QDRANT__STORAGE__SNAPSHOTS_PATH: `${DATA}/snapshots`,
    },
  },
]

/** URLs by which pods of the same namespace reach them. */
export const storeUrls = {
  redis: 'redis://redis:6379',
  mongodb: 'mongodb://mongodb:27017/?directConnection=true',
  qdrant: 'http://qdrant:6333',
} as const

/** Redis, MongoDB's stand-in and Qdrant, a pod and a Service each, with data that go with the pod. */
export function storeObjects(image: string): readonly KubernetesObject[] {
  return STORES.flatMap((store) => [podOf(store, image), serviceOf(store)])
}

function podOf({ name, port, command, env = {}, stdin = false }: Store, image: string): KubernetesObject {
  const container = {
    name,
    image,
    imagePullPolicy: 'IfNotPresent',
    command,
    stdin,
    workingDir: DATA,
    env: Object.entries(env).map(([variable, value]) => ({ name: variable, value })),
    ports: [{ containerPort: port }],
    readinessProbe: { tcpSocket: { port }, periodSeconds: 1, failureThreshold: 60 },
    resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '1Gi' } },
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
    volumeMounts: [{ name: 'data', mountPath: DATA }],
  }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { store: name } },
    spec: {
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: {
        ...{ runAsNonRoot: true, runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000 },
        seccompProfile: { type: 'RuntimeDefault' },
      },
      containers: [container],
      volumes: [{ name: 'data', emptyDir: {} }],
    },
  }
}

function serviceOf({ name, port }: Store): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { selector: { store: name }, ports: [{ port, targetPort: port }] },
  }
}
