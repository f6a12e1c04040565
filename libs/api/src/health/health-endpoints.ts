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

const legacyReadiness = deviceInfo
  .extend({
    ready: z.boolean(),
    missing: z.array(z.string()).meta({ example: ['redis'], description: 'What stands in the way.' }),
  })
  .meta({ id: 'Readiness' })
/** The body of `/api/readyz` is empty by contract. */
const MISSING_HEADER = 'X-Semblance-Missing'

export function healthEndpoints(deps: Pick<ApiDeps, 'missing' | 'metrics' | 'config'>): readonly Endpoint[] {
  const info = infoOf(deps.config.version)
  return [
    aliveEndpoint('/api/healthz', 'healthz', info),
    ...readyEndpoints(deps.missing, info),
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

function readyEndpoints(missing: ApiDeps['missing'], info: object): readonly Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/api/readyz',
      access: 'open',
      docs: {
        operationId: 'readyz',
        tag: 'operations',
        summary: 'Would a search be answered?',
        answers: {
          200: { description: 'It would.' },
          400: { description: `Not now; the header ${MISSING_HEADER} names what is missing.` },
        },
        problems: [],
      },
      handle: async (): Promise<Reply> => {
        const names = await missingNames(missing)
        if (names.length === 0) return { status: 200, body: { kind: 'none' } }
        return { status: 400, headers: { [MISSING_HEADER]: names.join(', ') }, body: { kind: 'none' } }
      },
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
        const names = await missingNames(missing)
        const ready = names.length === 0
        const value = { ...info, ready, missing: names }
        return { status: ready ? 200 : 400, body: { kind: 'json', value } }
      },
    }),
  ]
}

async function missingNames(missing: ApiDeps['missing']): Promise<readonly string[]> {
  try {
    return await missing()
  } catch {
    return ['readiness']
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
      const { contentType, body } = await metrics.render()
      return { status: 200, body: { kind: 'bytes', contentType, bytes: Buffer.from(body) } }
    },
  })
}
