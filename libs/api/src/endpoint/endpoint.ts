import type { AboutGallery, NewId, Waiting } from '@semblance/core'
import type { z } from 'zod'
import type { ProblemType } from './problem.ts'
import type { Reply } from './reply.ts'

export const METHODS = ['get', 'post', 'put', 'delete'] as const
export type Method = (typeof METHODS)[number]

/** Who calls, and what they may do, as far as API keys tell. */
export interface Caller {
  /** Tells keys apart and gives none away: the first 16 hex digits of the key's SHA-256. Null where no key was needed. */
  readonly keyId: string | null
  /** Whether descriptors may go out to this caller, and come in from them. */
  readonly mayHaveDescriptors: boolean
}

/** Everything of a request that a handler may know; it never sees Express. */
export interface RequestContext extends AboutGallery {
  readonly requestId: string
  readonly caller: Caller
  /** The address at the other end of the connection, which may be a proxy. */
  readonly peer: string
  /** The browser speaks HTTPS, to us or to a proxy before us. */
  readonly isSecure: boolean
  /** What the cookie of a session says, unread; null without one. */
  readonly sessionToken: string | null
  /** The session under whose cookie the caller came; null for one with a key, and where nobody needs any. */
  readonly session: CallerSession | null
  /** Aborts when the caller leaves before the answer. */
  readonly signal: AbortSignal
  /** Base of absolute links in the answer, no slash at the end; null if the request names no usable host. */
  readonly baseUrl: string | null
  readonly ifNoneMatch: string | null
  /** The If-Match header of a write. */
  readonly ifMatch: string | null
  /** Of the server-sent event that the caller saw last; null for one who comes for the first time. */
  readonly lastEventId: string | null
  /** The Accept-Encoding header; empty if the caller takes no encoding. */
  readonly acceptEncoding: string
  /** The Accept header; empty if the caller has none. */
  readonly accept: string
  /**
   * Room for an answer of so many bytes, to be asked for before they are in memory. Throws E_OVERLOADED if callers have
   * too many answers still to take.
   */
  readonly reserveAnswer: (bytes: number) => void
  /**
   * The source of every id that a handler gives away. Under an `Idempotency-Key` a request that runs again gets the
   * same ones in the same order, so ask for them in an order that does not change.
   */
  readonly newId: NewId
  /** The body of a call that reads it piece by piece (`Endpoint.streamed`); null for all others. */
  readonly upload: Upload | null
  /** An earlier run, perhaps dead, perhaps still at work, had the same ids: look what it made. */
  readonly isRepeat: boolean
}

/** For answers that go on for long: a caller is let in once, and a session may end meanwhile. */
export interface CallerSession {
  /**
   * False once it is over or somebody has ended it, and once its cookie is due to be given anew, which a call alone can do. Throws
   * E_STORE_UNAVAILABLE.
   */
  goesOn(waiting?: Waiting): Promise<boolean>
}

/** A body that is read while it comes. */
export interface Upload {
  /** As it came, with its parameters; its kind is one that the endpoint takes. */
  readonly contentType: string
  /** Ends with the caller's connection, or when nothing has come for a minute. */
  readonly bytes: AsyncIterable<Uint8Array>
}

export interface Call<Params, Query, Body> {
  readonly params: Params
  readonly query: Query
  readonly body: Body
  readonly context: RequestContext
}

export interface AnswerDocs {
  readonly description: string
  /** JSON of the answer; absent: no body, unless `contentType` says otherwise. */
  readonly schema?: z.ZodType
  readonly contentType?: string | readonly string[]
  /** Headers beside those that every answer has, with what they say. */
  readonly headers?: Readonly<Record<string, string>>
  readonly example?: unknown
}

/** What `/openapi.json` says of an endpoint, beyond the schemas that validate it. */
export interface EndpointDocs {
  readonly operationId: string
  readonly tag: 'persons' | 'groups' | 'gallery' | 'search' | 'imports' | 'bulk' | 'operations' | 'sessions'
  readonly summary: string
  readonly description?: string
  readonly bodyExample?: object
  readonly answers: Readonly<Record<number, AnswerDocs>>
  /** Refusals that this endpoint makes, beyond those that any may. */
  readonly problems: readonly (400 | 404 | 409 | 412)[]
  /** What its If-Match header does, if it reads one. */
  readonly ifMatch?: string
}

interface EndpointBase {
  readonly method: Method
  /** OpenAPI's form: `/api/persons/{personId}`. */
  readonly path: string
  /** `open`: answered without an API key even when keys are set. */
  readonly access: 'open' | 'key'
  /**
   * The deadline of a call that waits for a job, counted from when the request was read. The stores' own time-outs
   * hold for other calls.
   */
  readonly deadlineMs?: number
  /** The types of a body that the handler reads piece by piece, instead of `body`: of any length, held nowhere whole. */
  readonly streamed?: readonly string[]
  /** Null for pages, which no client calls. */
  readonly docs: EndpointDocs | null
  /** The answer instead of 400, for paths whose ids the contract lets only be unknown. */
  readonly malformedParams?: { readonly type: ProblemType; readonly msg: string }
  /**
   * What is wrong with a name in the query, or null, for calls whose answer a misspelled filter would change. It is
   * asked of every name that was sent, because a schema never sees one called `__proto__`.
   */
  readonly strayFilter?: (name: string) => string | null
  /**
   * Instead of 400, for calls whose contract answers a wrong body otherwise.
   * @param fields the outermost fields that are wrong
   */
  readonly malformedBody?: (msg: string, fields: readonly string[]) => Reply
}

interface EndpointDefinition<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType>
  extends EndpointBase {
  readonly params?: P
  readonly query?: Q
  readonly body?: B
  readonly handle: (call: Call<z.output<P>, z.output<Q>, z.output<B>>) => Promise<Reply> | Reply
}

/** One route: its path, schemas, documentation and handler in one place, so that none can be forgotten. */
export interface Endpoint extends EndpointBase {
  readonly params?: z.ZodObject
  readonly query?: z.ZodObject
  readonly body?: z.ZodType
  readonly handle: (call: Call<unknown, unknown, unknown>) => Promise<Reply> | Reply
}

type NoFields = z.ZodObject<Record<never, never>>

export function endpoint<
  P extends z.ZodObject = NoFields,
  Q extends z.ZodObject = NoFields,
  B extends z.ZodType = z.ZodUndefined,
>(definition: EndpointDefinition<P, Q, B>): Endpoint {
  // The dispatcher gives the handler exactly what these schemas answered.
  return definition as unknown as Endpoint
}
