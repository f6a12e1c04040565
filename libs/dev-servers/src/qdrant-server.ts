import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findOnPath } from './find-on-path.ts'
import { freePorts } from './free-ports.ts'
import type { MissingServer } from './missing-server.ts'
import { type OwnServer, type StartOptions, startOwnServer } from './own-server.ts'

/** Nodes are numbered from 0. */
export interface QdrantServer {
  readonly url: string
  readonly urls: readonly string[]
  /** SIGKILL: what a power cut leaves. */
  kill(node: number): Promise<void>
  /** Starts a killed node again on its own folder and ports; resolves when it is ready. */
  restart(node: number): Promise<void>
  /** SIGSTOP: connections are taken and nothing is answered. */
  freeze(node: number): void
  thaw(node: number): void
  /** Ends all nodes and removes their folders. */
  close(): Promise<void>
}

export interface QdrantOptions extends StartOptions {
  /** 1 unless given. */
  readonly nodes?: 1 | 3
  /** Further environment of the nodes, for instance `QDRANT__...`. */
  readonly env?: Readonly<Record<string, string>>
}

interface Node {
  readonly server: OwnServer
  readonly url: string
  /** Where the other nodes reach it. */
  readonly peerUrl: string
}

interface NodeOptions {
  readonly program: string
  /** False for a Qdrant of one node. */
  readonly isOfSeveral: boolean
  /** The first node, for those that join it. */
  readonly first: Node | undefined
  readonly env: Readonly<Record<string, string>>
  readonly start: StartOptions
}

const READY_TIMEOUT_MS = 2_000

/** The `qdrant` from PATH, on free ports with temporary folders, telling nobody of its use. */
export async function startQdrant(options: QdrantOptions = {}): Promise<QdrantServer | MissingServer> {
  const program = findOnPath('qdrant')
  if (program === null) return { missing: 'no qdrant on PATH' }
  const { nodes: count = 1, env = {}, ...start } = options
  const nodes: Node[] = []
  const close = async () => {
    await Promise.all(nodes.map(({ server }) => server.close()))
  }
  try {
    // One after the other, since the later ones join the first.
    while (nodes.length < count)
      nodes.push(await startNode({ program, isOfSeveral: count > 1, first: nodes[0], env, start }))
  } catch (fault) {
    await close()
    throw fault
  }
  const [first, ...others] = nodes.map(({ url }) => url)
  if (first === undefined) throw new Error('a Qdrant has one node at least')
  const serverOf = (at: number) => {
    const node = nodes[at]
    if (node === undefined) throw new Error(`there is no node ${at}`)
    return node.server
  }
  return {
    url: first,
    urls: [first, ...others],
    kill: (at) => serverOf(at).kill(),
    restart: (at) => serverOf(at).restart(),
    freeze: (at) => serverOf(at).pause(),
    thaw: (at) => serverOf(at).resume(),
    close,
  }
}

async function startNode({ program, isOfSeveral, first, env, start }: NodeOptions): Promise<Node> {
  const [http = 0, grpc = 0, p2p = 0] = await freePorts(3)
  const folder = await mkdtemp(join(tmpdir(), 'semblance-qdrant-'))
  const [url, peerUrl] = [`http://127.0.0.1:${http}`, `http://127.0.0.1:${p2p}`]
  const joining = first === undefined ? [] : ['--bootstrap', first.peerUrl]
  const server = await startOwnServer({
    program,
    args: isOfSeveral ? [...joining, '--uri', peerUrl] : [],
    folder,
    ...start,
    env: {
      RUN_MODE: 'local',
      QDRANT__TELEMETRY_DISABLED: 'true',
      QDRANT__SERVICE__HOST: '127.0.0.1',
      QDRANT__SERVICE__HTTP_PORT: String(http),
      QDRANT__SERVICE__GRPC_PORT: String(grpc),
      QDRANT__SERVICE__ENABLE_STATIC_CONTENT: 'false',
      QDRANT__STORAGE__STORAGE_PATH: join(folder, 'storage'),
      QDRANT__STORAGE__SNAPSHOTS_PATH: join(folder, 'snapshots'),
      ...(isOfSeveral && { QDRANT__CLUSTER__ENABLED: 'true', QDRANT__CLUSTER__P2P__PORT: String(p2p) }),
      ...env,
    },
    isUp: () => isReady(url),
  })
  return { server, url, peerUrl }
}

async function isReady(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(READY_TIMEOUT_MS) }).catch(
    () => null,
  )
  await answer?.body?.cancel()
  return answer?.ok === true
}
