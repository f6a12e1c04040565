import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { killContainer } from './kill-worker.ts'
import { kubectl, runMeanwhile } from './kubectl.ts'
import { enrollAll, type LoadedSearch, openSearchLoad } from './load/search-load.ts'
import { somePhotos, withoutPods } from './photos.ts'
import { json, openRelease, type Release, type Values } from './release.ts'
import { takeSample, watchCluster } from './watch/watch-cluster.ts'

const MINUTE_MS = 60_000
const BULK_IDLE_S = 20

const worker = {
  resources: {
    requests: { cpu: '300m', memory: '512Mi' },
    limits: { cpu: '400m', memory: '1Gi' },
  },
}

/** Two of each, as a cluster that is never away has; `run` replaces all of its pods. */
function valuesOf(replicas: number, run = 'first'): Values {
  const pods = { replicas, podAnnotations: { run } }
  return {
    gateway: pods,
    searchWorkers: { ...worker, ...pods },
    bulkWorkers: {
      ...worker,
      autoscaling: { maxReplicas: 2, keda: { enabled: true, idleSeconds: BULK_IDLE_S } },
    },
    keda: { pollingIntervalSeconds: 3 },
  }
}

/** Searches that were not answered with what was asked for, whatever came in between. */
const lost = (searches: readonly LoadedSearch[]) =>
  searches.filter(({ tries, isFound }) => tries.at(-1) !== '200' || !isFound)
/** Searches that were not answered at the first try. */
const disturbed = (searches: readonly LoadedSearch[]) => searches.filter(({ tries }) => tries.length > 1)

describe.skipIf(withoutPods !== null)(`a release on Kubernetes ${withoutPods ?? ''}`, async () => {
  const photos = await somePhotos(12)
  let release: Release
  let before: readonly string[]
  /** Of the load that was last. */
  let listings: Readonly<Record<string, number>> = {}

  /** Searches go on until `during` has ended, and some seconds before and after. */
  const underLoad = async (perSecond: number, during: () => Promise<unknown>) => {
    const load = openSearchLoad(release, photos)
    try {
      await load.setRate(perSecond)
      await sleep(5_000)
      await during()
      await sleep(5_000)
      const searches = await load.finish()
      listings = await load.listings()
      return searches
    } finally {
      load.close()
    }
  }
  const podsOf = (part: string): readonly string[] =>
    release
      .kubectl(['get', 'pods', '-l', `app.kubernetes.io/component=${part}`, '-o', 'name'])
      .trim()
      .split('\n')
      .map((name) => name.replace('pod/', ''))
  const untilReady = () =>
    release.kubectl(['wait', '--for=condition=Available', 'deployment', '--all', '--timeout=300s'])

  beforeAll(async () => {
    release = await openRelease()
    before = objectsOf(release)
    await release.apply('install', valuesOf(2))
    await enrollAll(release, photos)
  }, 8 * MINUTE_MS)

  afterAll(() => release?.close())

  it(
    'is ready, and a search goes through Service, gateway, queue and worker',
    async () => {
      const pods = async () => (await takeSample(release)).pods
      await expect.poll(pods, { timeout: MINUTE_MS, interval: 1_000 }).toEqual({
        gateway: { wanted: 2, ready: 2 },
        'search-workers': { wanted: 2, ready: 2 },
        'bulk-workers': { wanted: 0, ready: 0 },
      })
      const searches = await underLoad(2, async () => {})
      expect(searches.length).toBeGreaterThan(10)
      expect(lost(searches)).toEqual([])
    },
    2 * MINUTE_MS,
  )

  it(
    'passes `helm test`',
    async () => {
      expect(await release.helm('test', '--timeout', '120s')).toMatch(/Phase:\s+Succeeded/)
    },
    2 * MINUTE_MS,
  )

  it(
    'starts a bulk worker for an import, and ends it when there is no more to do',
    async () => {
      const watch = watchCluster(release)
      const { id } = await release.call('POST', '/api/imports', json({ name: 'Everybody' }))
      const rows = (await somePhotos(24)).map(({ name, content }) =>
        JSON.stringify({ key: name, external_id: name, name, picture: content.toString('base64') }),
      )
      const body = rows.join('\n')
      await release.call('POST', `/api/imports/${id}/rows`, { type: 'application/x-ndjson', body })
      await release.call('POST', `/api/imports/${id}/close`)
      const state = async () => (await release.call('GET', `/api/imports/${id}`)).state
      await expect.poll(state, { timeout: 4 * MINUTE_MS, interval: 1_000 }).toBe('done')
      const log = release.kubectl(['logs', '-l', 'app.kubernetes.io/component=bulk-workers', '--tail=100'])
      const bulk = () => watch.samples.at(-1)?.pods['bulk-workers']
      await expect.poll(bulk, { timeout: 4 * MINUTE_MS, interval: 1_000 }).toEqual({ wanted: 0, ready: 0 })
      const most = Math.max(...(await watch.stop()).map(({ pods }) => pods['bulk-workers']?.ready ?? 0))
      expect(most).toBeGreaterThan(0)
      const { byOutcome } = (await release.call('GET', `/api/imports/${id}`)).rows
      expect(byOutcome, log).toEqual({ enrolled: rows.length })
    },
    10 * MINUTE_MS,
  )

  it.each([2, 1])(
    'upgrades and rolls back %i of each with no failed search',
    async (replicas) => {
      await release.apply('upgrade', valuesOf(replicas, `before ${replicas}`))
      const searches = await underLoad(3, async () => {
        await release.apply('upgrade', valuesOf(replicas, `after ${replicas}`))
        await release.helm('rollback', '--wait', '--timeout', '300s')
      })
      console.log(`${replicas} of each: ${searches.length} searches`, summaryOf(searches), listings)
      expect(lost(searches)).toEqual([])
      expect(disturbed(searches)).toEqual([])
      expect(Object.keys(listings)).toEqual(['200'])
    },
    12 * MINUTE_MS,
  )

  it(
    'loses no search when a worker is killed',
    async () => {
      await release.apply('upgrade', valuesOf(2, 'killed'))
      const searches = await underLoad(3, async () => {
        const [pod = ''] = podsOf('search-workers')
        await killContainer(release, pod)
        await sleep(20_000)
      })
      console.log(`killed worker: ${searches.length} searches`, summaryOf(searches))
      expect(lost(searches)).toEqual([])
      untilReady()
    },
    8 * MINUTE_MS,
  )

  it(
    'loses no search while its node is drained, which leaves one pod of each',
    async () => {
      const [node = ''] = kubectl(['get', 'nodes', '-o', 'name']).trim().split('\n')
      const drain = ['drain', node, '--pod-selector=app.kubernetes.io/instance=faces', '--timeout=40s']
      const drainNode = () =>
        runMeanwhile('kubectl', [...drain, '--ignore-daemonsets', '--delete-emptydir-data'])
      let refusal = ''
      let left: unknown
      const searches = await underLoad(3, async () => {
        refusal = await drainNode().catch(String)
        left = (await takeSample(release)).pods
        kubectl(['uncordon', node])
        untilReady()
      })
      console.log(`drained node: ${searches.length} searches`, summaryOf(searches))
      expect(left).toMatchObject({
        gateway: { wanted: 2, ready: 1 },
        'search-workers': { wanted: 2, ready: 1 },
      })
      expect(refusal).toContain("would violate the pod's disruption budget")
      expect(lost(searches)).toEqual([])
      expect(disturbed(searches)).toEqual([])
    },
    8 * MINUTE_MS,
  )

  it(
    'leaves nothing behind when it is uninstalled',
    async () => {
      await release.helm('uninstall', '--wait', '--timeout', '120s')
      const left = () => objectsOf(release).filter((name) => !before.includes(name))
      await expect.poll(left, { timeout: MINUTE_MS, interval: 2_000 }).toEqual([])
    },
    4 * MINUTE_MS,
  )
})

/** Everything in the namespace, but for what Kubernetes notes of its own doings. */
function objectsOf(release: Release): readonly string[] {
  const kinds = kubectl(['api-resources', '--namespaced', '--verbs=list', '-o', 'name'])
    .trim()
    .split('\n')
    .filter((kind) => !/^(events|leases|.*\.metrics\.k8s\.io)/.test(kind))
  return release
    .kubectl(['get', kinds.join(','), '-o', 'name', '--ignore-not-found'])
    .trim()
    .split('\n')
}

function summaryOf(searches: readonly LoadedSearch[]): string {
  const counts = Map.groupBy(searches, ({ tries }) => tries.join(', '))
  return [...counts].map(([tries, of]) => `${of.length} x ${tries}`).join('; ')
}
