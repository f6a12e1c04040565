import { register as globalRegistry, Registry } from 'prom-client'
import { describe, expect, test } from 'vitest'
import { createDependencies } from './dependencies.ts'
import { createMetrics, type Metrics } from './metrics.ts'

function aMetrics(sourceTimeoutMs = 2_000): Metrics {
  return createMetrics({ processMetrics: false, sourceTimeoutMs })
}

async function linesOf(metrics: Metrics): Promise<readonly string[]> {
  return (await metrics.render()).body.split('\n')
}

describe('what happens', () => {
  test('requests are counted and timed by method, route template and status', async () => {
    const metrics = aMetrics()
    const request = { method: 'GET', route: '/api/persons/:personId', seconds: 0.02 }
    metrics.observeRequest({ ...request, status: 200 })
    metrics.observeRequest({ ...request, status: 204 })
    metrics.observeRequest({ ...request, status: 503 })
    const lines = await linesOf(metrics)
    for (const status of [200, 204, 503]) {
      const labels = `method="GET",route="/api/persons/:personId",status="${status}"`
      expect(lines).toContain(`semblance_requests_total{${labels}} 1`)
      expect(lines).toContain(`semblance_request_seconds_count{${labels}} 1`)
    }
  })

  test('an invented method or status makes no series of its own', async () => {
    const metrics = aMetrics()
    for (const method of ['BREW', 'X'.repeat(50)]) {
      metrics.observeRequest({ method, route: 'unmatched', status: 1_000, seconds: 0 })
    }
    expect(await linesOf(metrics)).toContain(
      'semblance_requests_total{method="other",route="unmatched",status="other"} 2',
    )
  })

  test('stages are timed by name', async () => {
    const metrics = aMetrics()
    metrics.observeStage('detect', 0.25)
    metrics.observeStage('detect', 0.5)
    const lines = await linesOf(metrics)
    expect(lines).toContain('semblance_stage_seconds_sum{stage="detect"} 0.75')
    expect(lines).toContain('semblance_stage_seconds_bucket{le="0.25",stage="detect"} 1')
  })

  test('jobs are counted by outcome, their waiting and running timed', async () => {
    const metrics = aMetrics()
    metrics.observeJob({ name: 'search', outcome: 'done', waitSeconds: 0.125, runSeconds: 0.5 })
    metrics.observeJob({ name: 'search', outcome: 'E_DEADLINE', waitSeconds: 0.125, runSeconds: 0 })
    const lines = await linesOf(metrics)
    expect(lines).toContain('semblance_jobs_total{name="search",outcome="done"} 1')
    expect(lines).toContain('semblance_jobs_total{name="search",outcome="E_DEADLINE"} 1')
    expect(lines).toContain('semblance_job_wait_seconds_sum{name="search"} 0.25')
    expect(lines).toContain('semblance_job_run_seconds_sum{name="search"} 0.5')
  })

  test('heavy decodes are told as they are at each scrape, and by no process that does not decode', async () => {
    const metrics = aMetrics()
    expect((await linesOf(metrics)).filter((line) => /^semblance_decoding_/.test(line))).toEqual([])
    let load = { pictures: 2, bytes: 700_000_000 }
    metrics.setDecodingLoad(() => load)
    expect(await linesOf(metrics)).toContain('semblance_decoding_heavy_pictures 2')
    expect(await linesOf(metrics)).toContain('semblance_decoding_bytes 700000000')
    load = { pictures: 0, bytes: 0 }
    expect(await linesOf(metrics)).toContain('semblance_decoding_heavy_pictures 0')
  })

  test('faces and links are counted', async () => {
    const metrics = aMetrics()
    metrics.countFaces(3)
    metrics.countFaces(0)
    metrics.observeImageLink('timeout')
    const lines = await linesOf(metrics)
    expect(lines).toContain('semblance_faces_total 3')
    expect(lines).toContain('semblance_image_links_total{outcome="timeout"} 1')
  })

  test('refusals are counted by reason, failed authentications apart', async () => {
    const metrics = aMetrics()
    metrics.countRefusal('E_OVERLOADED')
    metrics.countRefusal('Unauthorized')
    const lines = await linesOf(metrics)
    expect(lines).toContain('semblance_refusals_total{reason="E_OVERLOADED"} 1')
    expect(lines).toContain('semblance_refusals_total{reason="Unauthorized"} 1')
    expect(lines).toContain('semblance_failed_authentications_total 1')
  })

  test('requests in flight are those that have come and have not ended', async () => {
    const metrics = aMetrics()
    for (const by of [1, 1, -1] as const) metrics.changeInFlight(by)
    expect(await linesOf(metrics)).toContain('semblance_open_requests 1')
  })

  test('searches are counted by outcome, and the nearest distances put into buckets', async () => {
    const metrics = aMetrics()
    metrics.observeSearch({ outcome: 'found', distance: 0.86 })
    metrics.observeSearch({ outcome: 'nobody', distance: null })
    const lines = await linesOf(metrics)
    expect(lines).toContain('semblance_searches_total{outcome="found"} 1')
    expect(lines).toContain('semblance_searches_total{outcome="nobody"} 1')
    expect(lines).toContain('semblance_search_best_distance_bucket{le="0.85"} 0')
    expect(lines).toContain('semblance_search_best_distance_bucket{le="0.9"} 1')
    expect(lines).toContain('semblance_search_best_distance_count 1')
  })

  test('deadlines are told by lane, and by no process that has none', async () => {
    const metrics = aMetrics()
    expect((await linesOf(metrics)).filter((line) => /^semblance_deadline_/.test(line))).toEqual([])
    metrics.showDeadlines({ search: 10, enroll: 30 })
    expect(await linesOf(metrics)).toContain('semblance_deadline_seconds{lane="search"} 10')
  })

  test('numbers that cannot be are no crash: a negative time counts as none, no number at all is left out', async () => {
    const metrics = aMetrics()
    metrics.observeStage('index', -5)
    metrics.observeStage('index', Number.NaN)
    metrics.countFaces(-1)
    metrics.countFaces(Number.NaN)
    const lines = await linesOf(metrics)
    expect(lines).toContain('semblance_stage_seconds_count{stage="index"} 1')
    expect(lines).toContain('semblance_stage_seconds_sum{stage="index"} 0')
    expect(lines).toContain('semblance_faces_total 0')
  })
})

describe('how things stand', () => {
  test('the queue is asked once per scrape for all its gauges', async () => {
    const metrics = aMetrics()
    let asked = 0
    metrics.setQueueLoad(async () => {
      asked += 1
      return { search: { waiting: 4, active: asked, preparing: 7, oldestWaitingMs: 1_500 } }
    })
    const lines = await linesOf(metrics)
    expect(asked).toBe(1)
    expect(lines).toContain('semblance_queue_waiting_jobs{lane="search"} 4')
    expect(lines).toContain('semblance_queue_active_jobs{lane="search"} 1')
    expect(lines).toContain('semblance_queue_oldest_waiting_seconds{lane="search"} 1.5')
    expect(await linesOf(metrics)).toContain('semblance_queue_active_jobs{lane="search"} 2')
  })

  test('index size and backlog are told', async () => {
    const metrics = aMetrics()
    metrics.setIndexSize(async () => 100_000)
    metrics.setReconcilerBacklog(async () => ({ pending: { count: 2, oldestMs: 90_000 } }))
    const lines = await linesOf(metrics)
    expect(lines).toContain('semblance_index_descriptors 100000')
    expect(lines).toContain('semblance_reconciler_backlog_records{kind="pending"} 2')
    expect(lines).toContain('semblance_reconciler_oldest_seconds{kind="pending"} 90')
  })

  test('a kind that is gone from the answer is gone from the metrics', async () => {
    const metrics = aMetrics()
    const answers = [{ pending: { count: 2, oldestMs: 1 } }, {}]
    metrics.setReconcilerBacklog(async () => answers.shift() ?? {})
    await metrics.render()
    expect((await metrics.render()).body).not.toContain('kind="pending"')
  })

  test('without a source there is no value, not even a zero', async () => {
    const { body } = await aMetrics().render()
    expect(body).not.toMatch(/^semblance_(index|queue|reconciler|enrolled)/m)
  })

  test('what runs and how much is enrolled are told', async () => {
    const metrics = aMetrics()
    metrics.setBuildInfo({ version: '1.2.3', pack: 'builtin@1' })
    let isDown = false
    const size = { persons: 3, images: 5, pictureBytes: 700 }
    metrics.setGallerySize(async () => (isDown ? Promise.reject(new Error('down')) : size))
    const lines = await linesOf(metrics)
    expect(lines).toContain('semblance_build_info{version="1.2.3",pack="builtin@1"} 1')
    expect(lines).toContain('semblance_enrolled_persons 3')
    expect(lines).toContain('semblance_enrolled_images 5')
    expect(lines).toContain('semblance_enrolled_picture_bytes 700')
    isDown = true
    expect(await linesOf(metrics)).toContain('semblance_enrolled_persons Nan')
  })

  test('what of imports has not ended is told by the process that leads, and by no other', async () => {
    const metrics = createMetrics({ processMetrics: false })
    const standing = { open: 1, running: 2, paused: 0, waitingRows: 30, claimedRows: 4, stagedBytes: 500 }
    let leads = false
    metrics.setImports(async () => (leads ? standing : null))
    const told = async () =>
      (await linesOf(metrics)).filter((line) => /^semblance_(unended_)?import/.test(line))
    expect(await told()).toEqual([])
    leads = true
    expect(await told()).toEqual([
      'semblance_unended_imports{state="open"} 1',
      'semblance_unended_imports{state="running"} 2',
      'semblance_unended_imports{state="paused"} 0',
      'semblance_import_rows{state="waiting"} 30',
      'semblance_import_rows{state="claimed"} 4',
      'semblance_import_staged_bytes 500',
    ])
  })

  test('what of operations has not ended is told by the process that leads, and unknown while its store is away', async () => {
    const metrics = createMetrics({ processMetrics: false })
    const standing = { preparing: 0, running: 1, paused: 2, unitsLeft: 70 }
    let answer = async (): Promise<Readonly<Record<string, typeof standing>> | null> => null
    metrics.setOperations(() => answer())
    const told = async () =>
      (await linesOf(metrics)).filter((line) => /^semblance_(unended_operations|operation_left)/.test(line))
    expect(await told()).toEqual([])
    answer = async () => ({ 'delete-persons': standing })
    expect(await told()).toEqual([
      'semblance_unended_operations{kind="delete_persons",state="preparing"} 0',
      'semblance_unended_operations{kind="delete_persons",state="running"} 1',
      'semblance_unended_operations{kind="delete_persons",state="paused"} 2',
      'semblance_operation_left_units{kind="delete_persons"} 70',
    ])
    answer = () => Promise.reject(new Error('away'))
    expect(await told()).toContain('semblance_operation_left_units{kind="delete_persons"} Nan')
    metrics.countOperationFault('delete-persons')
    expect(await linesOf(metrics)).toContain('semblance_operation_faults_total{kind="delete_persons"} 1')
  })

  test('a lane without a worker waits for ever', async () => {
    const metrics = aMetrics()
    const lane = { workers: 0, completedPerSecond: 0, estimatedWaitMs: null, unservedJobs: 3, setAside: 0 }
    metrics.setQueueScaling(async () => ({ search: lane }))
    const lines = await linesOf(metrics)
    expect(lines).toContain('semblance_queue_estimated_wait_seconds{lane="search"} +Inf')
    expect(lines).toContain('semblance_queue_unserved_jobs{lane="search"} 3')
  })

  test('dependencies are up or down by name', async () => {
    const metrics = aMetrics()
    const away = () => Promise.reject(new Error('away'))
    metrics.setDependencies(createDependencies({ redis: away, mongo: async () => {} }))
    const lines = await linesOf(metrics)
    expect(lines).toContain('semblance_dependency_up{name="redis"} 0')
    expect(lines).toContain('semblance_dependency_up{name="mongo"} 1')
  })

  test('a source that fails tells NaN, from the beginning for values that are named', async () => {
    const metrics = aMetrics()
    const away = () => Promise.reject(new Error('away'))
    metrics.setQueueLoad(away, ['search'])
    metrics.setQueueScaling(away, ['search'])
    metrics.setIndexSize(away)
    const lines = await linesOf(metrics)
    expect(lines).toContain('semblance_queue_waiting_jobs{lane="search"} Nan')
    expect(lines).toContain('semblance_queue_workers{lane="search"} Nan')
    expect(lines).toContain('semblance_index_descriptors Nan')
  })

  test('a source that fails forgets its values, is counted, and leaves the others', async () => {
    const metrics = aMetrics()
    let isDown = false
    metrics.setIndexSize(async () => (isDown ? Promise.reject(new Error('down')) : 7))
    metrics.countFaces(1)
    expect(await linesOf(metrics)).toContain('semblance_index_descriptors 7')
    isDown = true
    await metrics.render()
    const lines = await linesOf(metrics)
    expect(lines.filter((line) => line.startsWith('semblance_index_descriptors'))).toEqual([
      'semblance_index_descriptors Nan',
    ])
    expect(lines).toContain('semblance_faces_total 1')
    expect(lines.join('\n')).toMatch(/semblance_scrape_failures_total\{source="index"\} [12]/)
  })

  test('a source that never answers holds a scrape no longer than its time, and is told to stop', async () => {
    const metrics = aMetrics(20)
    let aborted = false
    metrics.setQueueLoad(({ signal }) => {
      signal.addEventListener('abort', () => {
        aborted = true
      })
      return new Promise(() => undefined)
    })
    const { body } = await metrics.render()
    expect(aborted).toBe(true)
    expect(body).toContain('semblance_faces_total')
  })
})

describe('the registry', () => {
  test('is the injected one, and never prom-client’s global one', async () => {
    const registry = new Registry()
    createMetrics({ registry })
    expect(registry.getSingleMetric('semblance_requests_total')).toBeDefined()
    expect(registry.getSingleMetric('process_cpu_seconds_total')).toBeDefined()
    expect(registry.getSingleMetric('nodejs_eventloop_lag_p99_seconds')).toBeDefined()
    expect(globalRegistry.getMetricsAsArray()).toEqual([])
  })

  test('may be many in one process', async () => {
    const [one, other] = [aMetrics(), aMetrics()]
    one.countFaces(1)
    expect(await linesOf(other)).toContain('semblance_faces_total 0')
  })

  test('renders the text format of Prometheus', async () => {
    expect((await aMetrics().render()).contentType).toMatch(/^text\/plain; version=0\.0\.4/)
  })

  test('every metric of ours has a unit or a noun by the house’s rule', async () => {
    const registry = new Registry()
    createMetrics({ registry, processMetrics: false })
    const names = registry.getMetricsAsArray().map(({ name }) => name)
    expect(names.length).toBeGreaterThanOrEqual(14)
    for (const name of names)
      expect(name).toMatch(
        /^semblance_[a-z_]+_(total|seconds|per_second|jobs|workers|records|requests|descriptors|pictures|faults|up|info|distance|persons|images|imports|rows|operations|units|bytes)$/,
      )
  })
})
