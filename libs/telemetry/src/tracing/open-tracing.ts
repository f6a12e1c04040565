import type { Environment } from '@semblance/config'
import { isTracingOn } from './tracing-variables.ts'

type Attributes = Readonly<Record<string, string | number>>

/** One step of a trace. None of these throws. */
export interface OpenStep {
  readonly traceparent: string
  begin(name: string): OpenStep
  note(name: string, seconds: number): void
  end(outcome?: { readonly name?: string; readonly fault?: unknown; readonly attributes?: Attributes }): void
}

export interface Tracing {
  begin(step: {
    readonly name: string
    readonly kind: 'request' | 'job'
    readonly traceparent: string | null
    readonly attributes?: Attributes
  }): OpenStep
  /** Sends what is left, within a few seconds. Does not reject. */
  close(): Promise<void>
}

export interface TracingOptions {
  readonly env: Environment
  /** `standalone`, `gateway` or `worker`; the service is `semblance-` and this, unless OTEL_SERVICE_NAME says otherwise. */
  readonly app: string
  readonly logger: { warn(fields: object, message: string): void }
}

/**
 * Null unless the standard variables of OpenTelemetry name a place to send traces to. Nothing of OpenTelemetry is loaded
 * before that: a server that is not told to trace is none the heavier for it.
 */
export async function openTracing(options: TracingOptions): Promise<Tracing | null> {
  if (!isTracingOn(options.env, options.logger)) return null
  const { openOtlpTracing } = await import('./otlp-tracing.ts')
  return openOtlpTracing(options)
}
