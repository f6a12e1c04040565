import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { enrollAll, openSearchLoad, type SearchLoad } from './load/search-load.ts'
import { somePhotos, withoutPods } from './photos.ts'
import { openRelease, type Release, type Values } from './release.ts'
import { floodPlot } from './watch/flood-plot.ts'
import { type FloodSlice, sliceFlood } from './watch/flood-record.ts'
import { watchCluster } from './watch/watch-cluster.ts'

/** Searches a second: what one worker does easily. */
const CALM = 1
/** As many searches as so many workers answer: three or four are needed. */
const FLOOD_WORKERS = 3
const CALM_MS = 60_000
const FLOOD_MS = 300_000
const MOST_WORKERS = 4
/** Longest time until the last worker that is not needed has ended. */
const BACK_MS = 420_000
/** A folder for the record as JSON, and the plot. */
const { TEST_RECORD: folder = '' } = process.env

const values: Values = {
  gateway: { autoscaling: { minReplicas: 2, maxReplicas: 3, keda: { enabled: true } } },
  searchWorkers: {
    // So that a pod, and not the machine, is what there is too little of.
    resources: {
      requests: { cpu: '250m', memory: '512Mi' },
      limits: { cpu: '250m', memory: '1Gi' },
    },
    autoscaling: {
      minReplicas: 1,
      maxReplicas: MOST_WORKERS,
      keda: { enabled: true },
      // The chart's own windows are made for days, not for a test.
      behavior: {
        scaleDown: {
          stabilizationWindowSeconds: 60,
          policies: [{ type: 'Pods', value: 1, periodSeconds: 30 }],
        },
      },
    },
  },
  bulkWorkers: { autoscaling: { keda: { enabled: true } } },
  keda: { pollingIntervalSeconds: 5 },
}

describe.skipIf(withoutPods !== null)(`a flood of searches on Kubernetes ${withoutPods ?? ''}`, async () => {
  const photos = await somePhotos(12)
  let release: Release

  beforeAll(async () => {
    release = await openRelease()
    await release.apply('install', values)
    await enrollAll(release, photos)
  }, 600_000)

  afterAll(() => release?.close())

  it('is met by more workers, who go again, and no search is lost', async () => {
    const watch = watchCluster(release)
    const workers = () => watch.samples.at(-1)?.pods['search-workers']
    await expect.poll(workers, { timeout: 300_000, interval: 1_000 }).toEqual({ wanted: 1, ready: 1 })
    const load = openSearchLoad(release, photos)
    await load.setRate(CALM)
    await sleep(CALM_MS)
    const begunAt = Date.now()
    await load.setRate(FLOOD_WORKERS * (await onesRate(load)))
    await sleep(FLOOD_MS)
    expect(await openRequestsByKeda(release)).toBeGreaterThan(0)
    await load.setRate(CALM)
    await expect.poll(workers, { timeout: BACK_MS, interval: 1_000 }).toEqual({ wanted: 1, ready: 1 })
    await sleep(20_000)
    const searches = await load.finish()
    const slices = sliceFlood(searches, await watch.stop(), begunAt)
    keep(slices)
    expect(Math.max(...slices.map(({ workersReady }) => workersReady))).toBe(MOST_WORKERS)
    expect(searches.filter(({ tries, isFound }) => tries.at(-1) !== '200' || !isFound)).toEqual([])
    const p95Of = (from: number, to: number) =>
      Math.max(...slices.filter(({ second }) => second >= from && second < to).map(({ p95Ms }) => p95Ms))
    expect(p95Of((FLOOD_MS - 60_000) / 1000, FLOOD_MS / 1000)).toBeLessThan(p95Of(0, 120) / 2)
    load.close()
  }, 1_200_000)
})

/** Searches a second that one worker answers: it has a share of a core, so that a search takes as long alone as among others. */
async function onesRate(load: SearchLoad): Promise<number> {
  const times = (await load.soFar()).map(({ ms }) => ms).sort((a, b) => a - b)
  return 1000 / times[Math.floor(times.length / 2)]!
}

/** Open requests for each gateway, as KEDA adds up what all gateways tell. */
async function openRequestsByKeda({ namespace, server }: Release): Promise<number> {
  const path = `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers/keda-hpa-faces-gateway`
  const [metric] = (await server.ask(path)).status.currentMetrics
  return Number.parseFloat(metric.external.current.averageValue)
}

function keep(slices: readonly FloodSlice[]): void {
  console.table(slices)
  if (folder === '') return
  mkdirSync(folder, { recursive: true })
  const lines = slices.map((slice) => `  ${JSON.stringify(slice)}`)
  writeFileSync(join(folder, 'flood.json'), `[\n${lines.join(',\n')}\n]\n`)
  writeFileSync(join(folder, 'flood.svg'), floodPlot(slices))
}
