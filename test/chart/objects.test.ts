import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { importSettings } from '@semblance/config'
import { describe, expect, it } from 'vitest'
import { chartFolder, examples, ofKind, type PodSpec, podsOf, render, withoutHelm } from './helm.ts'

it('has the same files for every part, but for what only gateways have', () => {
  const filesIn = (part: string) => readdirSync(join(chartFolder, 'templates', part)).toSorted()
  const [gateway, search, bulk] = ['gateway', 'search-workers', 'bulk-workers'].map(filesIn)
  expect(search).toEqual(bulk)
  expect(gateway?.filter((file) => !search?.includes(file))).toEqual(['http-route.yaml', 'ingress.yaml'])
})

describe.skipIf(withoutHelm !== null)(`the chart ${withoutHelm ?? ''}`, () => {
  it.each(examples)('gives the pods of the example %s no more rights than they need', (example) => {
    for (const pod of podsOf(render(example).manifests).values()) {
      expect(pod.automountServiceAccountToken).toBe(false)
      expect(pod.securityContext).toMatchObject({
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      })
      for (const container of pod.containers as PodSpec[]) {
        expect(container.securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        })
        expect(container.resources.limits.memory).toBeDefined()
        // Secrets are read from files, so none stands in the environment.
        expect(JSON.stringify(container.env)).not.toContain('secretKeyRef')
      }
    }
  })

  it.each(examples)('gives the servers of the example %s a folder for temporary files', (example) => {
    const deployments = ofKind(render(example).manifests, 'Deployment')
    expect(deployments.length).toBeGreaterThan(1)
    for (const { metadata, spec } of deployments) {
      const pod: PodSpec = spec.template.spec
      const [server] = pod.containers as PodSpec[]
      // A zip that is imported lies there, and the root is read-only.
      expect(server!.volumeMounts).toContainEqual({ name: 'temporary', mountPath: '/tmp' })
      const sizeLimit = metadata.name.endsWith('gateway') ? '25Gi' : '1Gi'
      expect(pod.volumes).toContainEqual({ name: 'temporary', emptyDir: { sizeLimit } })
    }
  })

  it('bounds what jobs may write to theirs, and gives gateways room for every zip that may come at once', () => {
    for (const [name, pod] of podsOf(render('small').manifests)) {
      const temporary = (pod.volumes ?? []).find((volume: PodSpec) => volume.name === 'temporary')
      if (temporary !== undefined) expect(temporary.emptyDir, name).toEqual({ sizeLimit: expect.any(String) })
    }
    // Eight are uploaded at once at most, and four read from behind links.
    const zip = importSettings.SEMBLANCE_IMPORT_STAGED_BYTES.parse(undefined)
    expect(25 * 2 ** 30).toBeGreaterThan(12 * zip)
    const { refusal } = render('small', '--set', 'gateway.temporarySizeLimit=much')
    expect(refusal).toContain('temporarySizeLimit')
  })

  it('denies to every pod what its part does not allow', () => {
    const { manifests } = render('air-gapped')
    const policies = ofKind(manifests, 'NetworkPolicy')
    const [deny] = policies.filter(({ metadata }) => metadata.name === 'faces-default-deny')
    expect(deny?.spec).toEqual({
      podSelector: {
        matchLabels: { 'app.kubernetes.io/name': 'semblance', 'app.kubernetes.io/instance': 'faces' },
      },
      policyTypes: ['Ingress', 'Egress'],
    })
    const ports = policies.flatMap(({ spec }) =>
      (spec.egress ?? []).flatMap((rule: PodSpec) => rule.ports.map(({ port }: PodSpec) => port)),
    )
    // The last one is for the pod of `helm test`, which calls the gateways.
    expect(new Set(ports)).toEqual(new Set([53, 6379, 27017, 6333, 41101]))
  })

  it('lets workers alone fetch pictures, from public addresses', () => {
    const policies = ofKind(render('production').manifests, 'NetworkPolicy')
    const fetching = policies.filter(({ spec }) => JSON.stringify(spec.egress ?? '').includes('0.0.0.0/0'))
    expect(fetching.map(({ metadata }) => metadata.name)).toEqual([
      'faces-bulk-workers',
      'faces-search-workers',
    ])
  })

  it('lets traces out to their collector, by its port alone, and to nobody else', () => {
    const policiesOf = (...changes: readonly string[]) =>
      ofKind(render('air-gapped', ...changes).manifests, 'NetworkPolicy')
    const tracing = (endpoint: string) => ['--set', `tracing.endpoint=${endpoint}`]
    const reaching = (port: number, ...changes: readonly string[]) =>
      policiesOf(...changes)
        .filter(({ spec }) =>
          (spec.egress ?? []).some((rule: PodSpec) => rule.ports.some((one: PodSpec) => one.port === port)),
        )
        .map(({ metadata }) => metadata.name)
    const senders = ['faces-bulk-workers', 'faces-gateway', 'faces-search-workers']
    expect(reaching(4318)).toEqual([])
    expect(reaching(4318, ...tracing('http://collector.monitoring:4318/v1'))).toEqual(senders)
    expect(reaching(80, ...tracing('http://collector'))).toEqual(senders)
  })

  it('tells gateways and workers where traces go, and how many', () => {
    const set = ['--set', 'tracing.endpoint=http://collector:4318', '--set-json', 'tracing.share=0.25']
    const told = [...podsOf(render('small', ...set).manifests)].flatMap(([name, pod]) =>
      JSON.stringify(pod.containers[0].env ?? []).includes('OTEL_EXPORTER_OTLP_ENDPOINT')
        ? [[name, pod]]
        : [],
    )
    expect(told.map(([name]) => name).toSorted()).toEqual(['faces-gateway', 'faces-search-workers'])
    expect(told[0]?.[1].containers[0].env).toEqual(
      expect.arrayContaining([
        { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: 'http://collector:4318' },
        { name: 'OTEL_TRACES_SAMPLER', value: 'parentbased_traceidratio' },
        { name: 'OTEL_TRACES_SAMPLER_ARG', value: '0.25' },
      ]),
    )
  })

  it('leaves the number of pods to an autoscaler that owns it', () => {
    const replicas = (example: string) =>
      ofKind(render(example).manifests, 'Deployment').map(({ spec }) => spec.replicas)
    expect(replicas('production')).toEqual([undefined, undefined, undefined])
    expect(replicas('small')).toEqual([1, 1])
  })

  it('scales on work: searches on their wait, bulk workers from nothing to nothing, gateways on requests', () => {
    const scaled = ofKind(render('production').manifests, 'ScaledObject')
    const triggers = (part: string) =>
      scaled
        .filter(({ metadata }) => metadata.name === `faces-${part}`)
        .flatMap(({ spec }) => spec.triggers as PodSpec[])
        .map(({ metadata }) => metadata.valueLocation)
    expect(triggers('search-workers')).toEqual(
      expect.arrayContaining(['search.estimatedWaitMs', 'search.oldestWaitingMs', 'search.active']),
    )
    expect(triggers('bulk-workers')).toEqual(expect.arrayContaining(['bulk.waiting', 'bulk.unservedJobs']))
    expect(triggers('gateway')).toEqual(['semblance_open_requests'])
    expect(scaled.map(({ spec }) => spec.minReplicaCount)).toEqual([0, 3, 3])
  })

  it('keeps as many search workers as have a running job for each of their threads', () => {
    const activeOf = (...changes: readonly string[]) =>
      ofKind(render('production', ...changes).manifests, 'ScaledObject')
        .flatMap(({ spec }) => spec.triggers as PodSpec[])
        .filter(({ name }) => name === 'search-active')
        .map(({ metadata }) => metadata.targetValue)
    expect(activeOf()).toEqual(['4'])
    expect(activeOf('--set', 'searchWorkers.autoscaling.keda.activePerPod=6')).toEqual(['6'])
  })

  it('asks Prometheus for the same figures, in seconds', () => {
    const { manifests } = render('production', '--set', 'keda.prometheusAddress=http://prometheus:9090')
    const triggers = ofKind(manifests, 'ScaledObject').flatMap(({ spec }) => spec.triggers as PodSpec[])
    const wait = triggers.find(({ name }) => name === 'search-estimated-wait-ms')
    expect(triggers.every(({ type }) => type === 'prometheus')).toBe(true)
    expect(wait.metadata).toMatchObject({
      query: 'max(semblance_queue_estimated_wait_seconds{lane="search",namespace="faces"} < 1e9)',
      threshold: '0.3',
    })
  })

  it.each([
    ['production', 'gateway.autoscaling.hpa.enabled=true', 'two autoscalers would undo each other'],
    ['small', 'gateway.replica=3', "additional properties 'replica' not allowed"],
    ['small', 'settings.SEMBLANCE_TRESHOLD=1', "additional properties 'SEMBLANCE_TRESHOLD' not allowed"],
    ['small', 'api.keysSecret.name=', 'could read and delete all faces'],
    ['small', 'stores.redis.urlSecret.name=', 'kubectl create secret generic'],
    ['small', 'stores.qdrant.urls=null', 'stores.qdrant.urls'],
    ['small', 'searchWorkers.lanes={search,enroll}', 'no worker serves the lane bulk'],
    ['small', 'searchWorkers.autoscaling.minReplicas=0', 'so no search could wake one'],
    ['small', 'ingress.enabled=true', 'Name at least one host'],
    ['small', 'httpRoute.enabled=true', 'Name the Gateway'],
    ['production', 'searchWorkers.autoscaling.maxReplicas=2', 'Set maxReplicas to at least minReplicas'],
  ])('refuses %s with %s, and says what to do', (example, change, lesson) => {
    expect(render(example, '--set', change).refusal).toContain(lesson)
  })
})
