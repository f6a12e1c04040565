import { setTimeout as sleep } from 'node:timers/promises'
import type { Release } from '../release.ts'

/** How many pods of a part there should be, and how many are ready. */
interface Pods {
  readonly wanted: number
  readonly ready: number
}

/** The release at one moment. */
export interface Sample {
  /** ms since 1970. */
  readonly at: number
  /** By the parts `gateway`, `search-workers`, `bulk-workers`. */
  readonly pods: Readonly<Record<string, Pods>>
  /** Lanes as `/ops/scaling` tells them; null if no gateway could tell. */
  readonly lanes: Readonly<
    Record<'search' | 'bulk', { readonly waiting: number; readonly active: number }>
  > | null
}

export interface Watch {
  readonly samples: readonly Sample[]
  stop(): Promise<readonly Sample[]>
}

const EVERY_MS = 1_000

/** Looks each second at Deployments, and at what autoscalers look at. */
export function watchCluster(release: Release): Watch {
  const stopping = new AbortController()
  const samples: Sample[] = []
  const watching = (async () => {
    while (!stopping.signal.aborted) {
      samples.push(await takeSample(release))
      await sleep(EVERY_MS)
    }
  })()
  return {
    samples,
    stop: async () => {
      stopping.abort()
      await watching
      return samples
    },
  }
}

export async function takeSample({ namespace, server }: Release): Promise<Sample> {
  const at = Date.now()
  const scaling = `/api/v1/namespaces/${namespace}/services/faces-gateway-ops:ops/proxy/ops/scaling`
  const [deployments, lanes] = await Promise.all([
    server.ask(`/apis/apps/v1/namespaces/${namespace}/deployments`),
    server.ask(scaling).catch(() => null),
  ])
  const pods = deployments.items.map(
    // biome-ignore lint/suspicious/noExplicitAny: a Deployment, as the API server gives it
    ({ metadata, spec, status }: any) => [
      metadata.name.replace('faces-', ''),
      { wanted: spec.replicas, ready: status.readyReplicas ?? 0 },
    ],
  )
  return { at, pods: Object.fromEntries(pods), lanes }
}
