import { hostname } from 'node:os'
import { type Bindings, type ChildLoggerOptions, type DestinationStream, type Logger, pino } from 'pino'
import { loggedError } from './logged-error.ts'
import { withoutPayloads } from './without-payloads.ts'

export interface LoggerOptions {
  /** fatal, error, warn, info, debug, trace or silent. */
  readonly level: string
  /** Standard output by default. */
  readonly destination?: DestinationStream
  /** Fields of every line beside pid and hostname, for instance the app's name and version. */
  readonly base?: Readonly<Record<string, string | number>>
}

/**
 * JSON lines with ISO times. The first defence is not to log pictures, descriptors, names or secrets at all; what slips
 * through is hidden by key (`redact`, three levels deep) and by form (bytes, vectors, long texts).
 */
export function createLogger({ level, destination, base }: LoggerOptions): Logger {
  const options = {
    level,
    base: { pid: process.pid, hostname: hostname(), ...base },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }), log: safeFields },
    redact: { paths: HIDDEN_PATHS, censor: '(hidden)' },
    serializers: SERIALIZERS,
  }
  return guardChildren(pino(options, destination ?? openStandardOutput()))
}

/** Lines that cannot be written now may take so much; later ones are lost. */
const MAX_UNWRITTEN_BYTES = 1_000_000

/** Standard output, without which a server goes on: its disk may be full, its reader gone. */
function openStandardOutput(): DestinationStream {
  const output = pino.destination({ fd: 1, sync: true, maxLength: MAX_UNWRITTEN_BYTES })
  output.on('error', () => {})
  // It would not try again by itself once it holds as much as it may.
  output.on('drop', () => {
    try {
      output.flushSync()
    } catch {
      // There is still no room.
    }
  })
  return output
}

type MakeChild = (this: Logger, bindings: Bindings, options?: ChildLoggerOptions) => Logger

/** pino applies neither `log` nor `bindings` to what a child logger is given; children of children inherit this. */
function guardChildren(logger: Logger): Logger {
  const makeChild: MakeChild = logger.child
  function child(this: Logger, bindings: Bindings, options?: ChildLoggerOptions): Logger {
    return makeChild.call(this, safeFields(bindings), options)
  }
  return Object.assign(logger, { child })
}

/** pino's own keys for an HTTP request and its response, and for an error: each is cut down by its serializer. */
const SERIALIZERS = { req: describeRequest, res: describeResponse, err: loggedError }

/** Biometric data, pictures, what people say of persons, and what opens doors. */
const HIDDEN_KEYS = [
  'image',
  'images',
  'picture',
  'pictures',
  'content',
  'descriptor',
  'descriptors',
  'probe',
  'vector',
  'vectors',
  'body',
  'payload',
  'metadata',
  'authorization',
  'cookie',
  'set-cookie',
  'x-api-key',
  'apiKey',
  'apiKeys',
  'password',
  'secret',
  'token',
]

const HIDDEN_PATHS = HIDDEN_KEYS.flatMap((key) => [`["${key}"]`, `*["${key}"]`, `*.*["${key}"]`])

function safeFields(fields: Record<string, unknown>): Record<string, unknown> {
  const safe = Object.entries(fields).map(([key, value]) => [
    key,
    Object.hasOwn(SERIALIZERS, key) ? value : withoutPayloads(value),
  ])
  return Object.fromEntries(safe)
}

interface RequestLike {
  readonly id?: unknown
  readonly method?: unknown
  readonly url?: unknown
}

/** No headers, no body, and no query: lists are filtered by persons' names there. */
function describeRequest(request: unknown): Readonly<Record<string, unknown>> {
  const { id, method, url } = asObject<RequestLike>(request)
  const path = typeof url === 'string' ? url.split(/[?#]/, 1)[0] : undefined
  return { id: withoutPayloads(id), method: withoutPayloads(method), path: withoutPayloads(path) }
}

function describeResponse(response: unknown): Readonly<Record<string, unknown>> {
  const { statusCode } = asObject<{ readonly statusCode?: unknown }>(response)
  return { statusCode: withoutPayloads(statusCode) }
}

function asObject<T extends object>(value: unknown): Partial<T> {
  return typeof value === 'object' && value !== null ? (value as Partial<T>) : {}
}
