import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { readConfig } from '@semblance/config'
import { describe, expect, it } from 'vitest'
import { clusterCommandSchema } from '../../apps/cli/src/cluster-config.ts'
import { gatewayConfigSchema } from '../../apps/gateway/src/config.ts'
import { workerConfigSchema } from '../../apps/worker/src/config.ts'
import { chartFolder, examples, type PodSpec, podsOf, render, withoutHelm } from './helm.ts'

type Schema = Parameters<typeof readConfig>[0]

/** By the name of the container: what reads its environment. */
const schemas: Readonly<Record<string, Schema>> = {
  gateway: gatewayConfigSchema,
  worker: workerConfigSchema,
  command: clusterCommandSchema,
}
/** What lies in the files of secrets. */
const SECRETS: Readonly<Record<string, string>> = {
  SEMBLANCE_REDIS_URL_FILE: 'redis://user:secret@redis:6379\n',
  SEMBLANCE_MONGO_URL_FILE: 'mongodb://user:secret@mongo/?replicaSet=rs',
}
/** The chart sets these itself: by values of their own, or since objects of Kubernetes have to agree with them. */
const OF_THE_CHART: readonly string[] = [
  ...['HOST', 'PORT', 'OPS_HOST', 'OPS_PORT', 'WORKER_LANES', 'DRAIN_MS', 'STOP_DELAY_MS', 'QDRANT_URL'],
  ...['REDIS_URL', 'MONGO_URL', 'QDRANT_API_KEY', 'API_KEYS', 'DESCRIPTOR_KEYS'],
].map((name) => `SEMBLANCE_${name}`)

interface Container {
  readonly name: string
  readonly env: readonly { readonly name: string; readonly value: string }[]
}

/** The settings that the program in this container would run with; a setting that nothing reads is a fault, too. */
function settingsOf(pod: PodSpec, container: Container) {
  const schema = schemas[container.name]
  if (schema === undefined) throw new Error(`no program is known that runs in ${container.name}`)
  const files = filesOf(pod)
  const env = Object.fromEntries(container.env.map(({ name, value }) => [name, value]))
  return readConfig(schema, env, {
    readFile: (path) => {
      if (!files.has(path)) throw new Error(`no volume holds ${path}`)
      return SECRETS[basename(path)] ?? 'a-secret'
    },
    warn: ({ name }) => {
      // Settings of all processes reach those, too, that do not read them.
      if (!allSettings.has(name)) throw new Error(`nothing reads ${name}`)
    },
  })
}

const allSettings = new Set(Object.values(schemas).flatMap((schema) => Object.keys(schema.shape)))

/** Paths of the files that secrets are mounted as. */
function filesOf(pod: PodSpec): ReadonlySet<string> {
  const [volume] = pod.volumes.filter(({ name }: { readonly name: string }) => name === 'secrets')
  const items = volume.projected.sources.flatMap(
    ({ secret }: { readonly secret: { readonly items: readonly { readonly path: string }[] } }) =>
      secret.items,
  )
  return new Set(items.map(({ path }: { readonly path: string }) => `/run/secrets/semblance/${path}`))
}

it('takes every setting of the program in `settings`, and no other', () => {
  const { $defs } = JSON.parse(readFileSync(join(chartFolder, 'values.schema.json'), 'utf8'))
  const expected = [...allSettings].filter((name) => !OF_THE_CHART.includes(name))
  expect(Object.keys($defs.settings.properties).toSorted()).toEqual(expected.toSorted())
})

describe.skipIf(withoutHelm !== null)(`the environment ${withoutHelm ?? ''}`, () => {
  it.each(examples)('of every container of the example %s is what its program reads', (example) => {
    const pods = podsOf(render(example).manifests)
    expect(pods.size).toBeGreaterThanOrEqual(2)
    for (const pod of pods.values()) {
      // What has a command of its own runs no program of ours.
      for (const container of pod.containers.filter(({ command }: PodSpec) => command === undefined))
        expect(settingsOf(pod, container)).toMatchObject({ SEMBLANCE_REDIS_URL: expect.any(String) })
    }
  })

  it('comes from the part before it comes from all, and whole numbers stay whole', () => {
    const all = 'settings.SEMBLANCE_LOG_LEVEL=debug,settings.SEMBLANCE_IN_FLIGHT_BYTES=300000000'
    const part =
      'gateway.settings.SEMBLANCE_LOG_LEVEL=warn,drainSeconds=45,searchWorkers.resources.limits.cpu=2500m'
    const pods = podsOf(render('small', '--set', `${all},${part}`).manifests)
    const [gateway, worker] = ['faces-gateway', 'faces-search-workers'].map((name) => pods.get(name))
    expect(settingsOf(gateway, gateway.containers[0])).toMatchObject({
      SEMBLANCE_LOG_LEVEL: 'warn',
      SEMBLANCE_IN_FLIGHT_BYTES: 300_000_000,
      SEMBLANCE_DRAIN_MS: 45_000,
      SEMBLANCE_STOP_DELAY_MS: 5_000,
      SEMBLANCE_API_KEYS: ['a-secret'],
    })
    expect(settingsOf(worker, worker.containers[0])).toMatchObject({
      SEMBLANCE_LOG_LEVEL: 'debug',
      SEMBLANCE_THREADS: 3,
      SEMBLANCE_WORKER_LANES: ['search', 'enroll', 'bulk'],
    })
    expect(gateway.terminationGracePeriodSeconds).toBe(60)
    expect(worker.terminationGracePeriodSeconds).toBe(55)
  })
})
