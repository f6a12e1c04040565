import type { Environment } from '@semblance/config'

/** What is sampled by the standard variables; a caller who has decided already is followed unless `root` stands alone. */
export interface Sampling {
  readonly root: 'always_on' | 'always_off' | 'traceidratio'
  readonly share: number
  readonly followsCaller: boolean
}

/** Whether traces are asked for, and can be sent as asked. */
export function isTracingOn(
  env: Environment,
  logger: { warn(fields: object, message: string): void },
): boolean {
  const endpoint = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? env.OTEL_EXPORTER_OTLP_ENDPOINT ?? ''
  const exporter = env.OTEL_TRACES_EXPORTER ?? ''
  if (endpoint.trim() === '' || env.OTEL_SDK_DISABLED?.toLowerCase() === 'true') return false
  if (exporter !== '' && exporter !== 'otlp') return false
  const protocol = env.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL ?? env.OTEL_EXPORTER_OTLP_PROTOCOL ?? ''
  if (protocol !== 'grpc') return true
  logger.warn(
    { protocol },
    'no traces are sent: they go out over HTTP; name the HTTP port of the collector (4318), without OTEL_EXPORTER_OTLP_PROTOCOL',
  )
  return false
}

export function samplingOf(env: Environment): Sampling {
  const asked = (env.OTEL_TRACES_SAMPLER ?? 'parentbased_always_on').toLowerCase()
  const followsCaller = asked.startsWith('parentbased_')
  const root = asked.replace('parentbased_', '')
  const given = Number(env.OTEL_TRACES_SAMPLER_ARG ?? '1')
  const share = given >= 0 && given <= 1 ? given : 1
  if (root === 'always_off' || root === 'traceidratio') return { root, share, followsCaller }
  return { root: 'always_on', share: 1, followsCaller }
}
