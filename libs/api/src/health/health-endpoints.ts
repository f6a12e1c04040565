import { z } from 'zod'
import type { ApiDeps } from '../api-deps.ts'
import { type Endpoint, endpoint } from '../endpoint/endpoint.ts'
import { ok, type Reply } from '../endpoint/reply.ts'

/** Five keys, all present: the contract's clients check. There is no licence here to report. */
const deviceInfo = z
  .object({
    app: z.string().meta({ example: 'Semblance' }),
    licenseId: z.null(),
    licenseSerial: z.null(),
    licenseValidUntil: z.null(),
    version: z.string().meta({ example: '0.1.0' }),
  })
  .meta({ id: 'DeviceInfo' })

const legacyReadiness = deviceInfo.extend({ ready: z.boolean() }).meta({ id: 'Readiness' })

export function healthEndpoints(
  deps: Pick<ApiDeps, 'readiness' | 'metrics' | 'config'>,
): readonly Endpoint[] {
  const info = infoOf(deps.config.version)
  return [
    aliveEndpoint('/api/healthz', 'healthz', info),
    ...readyEndpoints(deps.readiness, info),
    aliveEndpoint('/api/ping', 'ping', info),
    metricsEndpoint(deps.metrics),
  ]
}

function infoOf(version: string): z.infer<typeof deviceInfo> {
  return { app: 'Semblance', licenseId: null, licenseSerial: null, licenseValidUntil: null, version }
}

function aliveEndpoint(path: string, operationId: string, info: object): Endpoint {
  return endpoint({
    method: 'get',
    path,
    access: 'open',
    docs: {
      operationId,
      tag: 'operations',
      summary: 'Is the process alive?',
      answers: { 200: { description: 'It is.', schema: deviceInfo } },
      problems: [],
    },
    handle: () => ok(info),
  })
}

function readyEndpoints(readiness: ApiDeps['readiness'], info: object): readonly Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/api/readyz',
      access: 'open',
      docs: {
        operationId: 'readyz',
        tag: 'operations',
        summary: 'Would a search be answered?',
        answers: { 200: { description: 'It would.' }, 400: { description: 'Not now.' } },
        problems: [],
      },
      handle: async (): Promise<Reply> => ({ status: await readyStatus(readiness), body: { kind: 'none' } }),
    }),
    endpoint({
      method: 'get',
      path: '/api/readiness',
      access: 'open',
      docs: {
        operationId: 'readiness',
        tag: 'operations',
        summary: 'The same for older clients',
        answers: {
          200: { description: 'Ready.', schema: legacyReadiness },
          400: { description: 'Not now.', schema: legacyReadiness },
        },
        problems: [],
      },
      handle: async (): Promise<Reply> => {
        const status = await readyStatus(readiness)
        return { status, body: { kind: 'json', value: { ...info, ready: status === 200 } } }
      },
    }),
  ]
}

async function readyStatus(readiness: ApiDeps['readiness']): Promise<200 | 400> {
  try {
    return (await readiness()) ? 200 : 400
  } catch {
    return 400
  }
}

function metricsEndpoint(metrics: ApiDeps['metrics']): Endpoint {
  return endpoint({
    method: 'get',
    path: '/metrics',
    access: 'key',
    docs: {
      operationId: 'metrics',
      tag: 'operations',
      summary: 'Metrics for Prometheus',
      answers: { 200: { description: 'Text exposition format.', contentType: 'text/plain' } },
      problems: [],
    },
    handle: async (): Promise<Reply> => {
      const { contentType, text } = await metrics.render()
      return { status: 200, body: { kind: 'bytes', contentType, bytes: Buffer.from(text) } }
    },
  })
}
