import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openTracing } from './open-tracing.ts'
import { isTracingOn, samplingOf } from './tracing-variables.ts'

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' }

function isOn(env: Readonly<Record<string, string>>) {
  const told: string[] = []
  const isTraced = isTracingOn(env, { warn: (_, message) => void told.push(message) })
  return { isTraced, told }
}

describe('whether traces are sent', () => {
  it('is said by the address of a collector, and by nothing else', () => {
    expect(isOn({}).isTraced).toBe(false)
    expect(isOn({ OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }).isTraced).toBe(false)
    expect(isOn({ OTEL_SERVICE_NAME: 'faces', OTEL_TRACES_EXPORTER: 'otlp' }).isTraced).toBe(false)
    expect(isOn(ENDPOINT).isTraced).toBe(true)
    expect(isOn({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:1' }).isTraced).toBe(true)
  })

  it('is off where the standard switches say so', () => {
    expect(isOn({ ...ENDPOINT, OTEL_SDK_DISABLED: 'true' }).isTraced).toBe(false)
    expect(isOn({ ...ENDPOINT, OTEL_TRACES_EXPORTER: 'none' }).isTraced).toBe(false)
  })

  it('is off over gRPC, which is said', () => {
    const { isTraced, told } = isOn({ ...ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })
    expect(isTraced).toBe(false)
    expect(told[0]).toContain('4318')
  })
})

it('nothing of OpenTelemetry is loaded by a server that is not told to trace', async () => {
  expect(await openTracing({ env: {}, app: 'standalone', logger: { warn: () => {} } })).toBeNull()
  const folder = join(import.meta.dirname, '..')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /(?<!\.test)\.ts$/.test(file),
  )
  const loading = files.filter((file) =>
    /from '(@opentelemetry|.*otlp-tracing)/.test(readFileSync(join(folder, file), 'utf8')),
  )
  expect(loading).toEqual([join('tracing', 'otlp-tracing.ts')])
})

it('what is sampled is said by the standard variables', () => {
  expect(samplingOf({})).toEqual({ root: 'always_on', share: 1, followsCaller: true })
  const share = { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.1' }
  expect(samplingOf(share)).toEqual({ root: 'traceidratio', share: 0.1, followsCaller: true })
  expect(samplingOf({ OTEL_TRACES_SAMPLER: 'always_off' })).toMatchObject({
    root: 'always_off',
    followsCaller: false,
  })
})

describe('a step of a trace', () => {
  it('goes on with the trace of its caller, and begins one where the header is none', async () => {
    const env = { ...ENDPOINT, OTEL_TRACES_SAMPLER: 'always_off' }
    const tracing = await openTracing({ env, app: 'gateway', logger: { warn: () => {} } })
    const traceOf = (traceparent: string | null) =>
      tracing
        ?.begin({ name: 'POST', kind: 'request', traceparent })
        .begin('queue search')
        .traceparent.split('-')[1]
    const traceId = '0af7651916cd43dd8448eb211c80319c'
    expect(traceOf(`00-${traceId}-b7ad6b7169203331-01`)).toBe(traceId)
    for (const header of [
      null,
      '',
      'x',
      `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
      `00-${traceId}-b7ad-01`,
    ]) {
      expect(traceOf(header)).toMatch(/^[\da-f]{32}$/)
      expect(traceOf(header)).not.toBe(traceId)
      expect(traceOf(header)).not.toBe('0'.repeat(32))
    }
    await tracing?.close()
  })
})
