import {
  type Context,
  DiagLogLevel,
  diag,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources'
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import { inTime } from '../in-time.ts'
import type { OpenStep, Tracing, TracingOptions } from './open-tracing.ts'
import { samplingOf } from './tracing-variables.ts'

/** Spans that wait to be sent; what comes beyond is dropped. One takes about 1 KB. */
const MAX_WAITING_SPANS = 2_048
const CLOSE_MS = 3_000
/** A collector that is away would else fill the log. */
const TELL_EVERY_MS = 60_000

/** Traces over OTLP, to the collector that the standard variables name; the exporter reads address and headers itself. */
export function openOtlpTracing({ env, app, logger }: TracingOptions): Tracing {
  tellFaults(logger)
  const resource = defaultResource()
    .merge(resourceFromAttributes({ 'service.name': `semblance-${app}` }))
    .merge(detectResources({ detectors: [envDetector] }))
  const exporter = new OTLPTraceExporter()
  const provider = new TracerProvider({
    resource,
    sampler: samplerOf(env),
    spanProcessors: [new BatchSpanProcessor({ exporter, maxQueueSize: MAX_WAITING_SPANS })],
  })
  const tracer = provider.getTracer('semblance')
  return {
    begin: ({ name, kind, traceparent, attributes = {} }) => {
      const from = contextOf(traceparent)
      const spanKind = kind === 'request' ? SpanKind.SERVER : SpanKind.CONSUMER
      return new TracedStep(tracer, from, tracer.startSpan(name, { kind: spanKind, attributes }, from))
    },
    close: async () => {
      await inTime(provider.shutdown(), CLOSE_MS).catch((fault: unknown) =>
        logger.warn({ err: fault }, 'the last traces could not be sent'),
      )
    },
  }
}

class TracedStep implements OpenStep {
  readonly #tracer: Tracer
  readonly #context: Context
  readonly #span: Span

  constructor(tracer: Tracer, parent: Context, span: Span) {
    this.#tracer = tracer
    this.#context = trace.setSpan(parent, span)
    this.#span = span
  }

  get traceparent(): string {
    const { traceId, spanId, traceFlags } = this.#span.spanContext()
    return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`
  }

  begin(name: string): OpenStep {
    return new TracedStep(this.#tracer, this.#context, this.#tracer.startSpan(name, {}, this.#context))
  }

  note(name: string, seconds: number): void {
    const now = Date.now()
    const startTime = now - Math.max(0, seconds) * 1_000
    this.#tracer.startSpan(name, { startTime }, this.#context).end(now)
  }

  end({ name, fault, attributes }: Parameters<OpenStep['end']>[0] = {}): void {
    if (name !== undefined) this.#span.updateName(name)
    if (attributes !== undefined) this.#span.setAttributes(attributes)
    if (fault !== undefined) {
      this.#span.setAttribute('error.type', codeOf(fault))
      this.#span.setStatus({ code: SpanStatusCode.ERROR })
    }
    this.#span.end()
  }
}

/** Messages may name what was asked for. */
function codeOf(fault: unknown): string {
  const code = (fault as { readonly code?: unknown } | null)?.code
  return typeof code === 'string' && code.startsWith('E_') ? code : 'unexpected'
}

const TRACEPARENT = /^00-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})$/

function contextOf(traceparent: string | null): Context {
  const [, traceId = '', spanId = '', flags = '0'] = TRACEPARENT.exec(traceparent ?? '') ?? []
  if (/^0*$/.test(traceId) || /^0*$/.test(spanId)) return ROOT_CONTEXT
  const traceFlags = Number.parseInt(flags, 16) & TraceFlags.SAMPLED
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true })
}

function samplerOf(env: TracingOptions['env']): Sampler {
  const { root, share, followsCaller } = samplingOf(env)
  const samplers = {
    always_on: () => new AlwaysOnSampler(),
    always_off: () => new AlwaysOffSampler(),
    traceidratio: () => new TraceIdRatioBasedSampler(share),
  }
  const sampler = samplers[root]()
  return followsCaller ? new ParentBasedSampler({ root: sampler }) : sampler
}

/** Without the words of the library, which may hold addresses with passwords. */
function tellFaults(logger: TracingOptions['logger']): void {
  let toldAt = Number.NEGATIVE_INFINITY
  const tell = () => {
    if (performance.now() - toldAt < TELL_EVERY_MS) return
    toldAt = performance.now()
    logger.warn({}, 'traces could not be sent; look at OTEL_EXPORTER_OTLP_ENDPOINT and the collector')
  }
  const silent = () => {}
  diag.setLogger(
    { error: tell, warn: tell, info: silent, debug: silent, verbose: silent },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  )
}
