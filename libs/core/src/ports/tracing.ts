/** What a process does for one request or job, as a step of its trace. None of these throws. */
export interface TraceStep {
  /** The W3C header of this name, by which another process goes on with the trace. */
  readonly traceparent: string
  /** A step within this one. Names are of calls and jobs: no ids, no names of persons. */
  begin(name: string): TraceStep
  /** A part of this step that has just ended, and took so long. */
  note(name: string, seconds: number): void
  /** Is to be called once. Of a fault only the code goes out, since its message may name what was asked for. */
  end(outcome?: {
    readonly name?: string
    readonly fault?: unknown
    readonly attributes?: Readonly<Record<string, string | number>>
  }): void
}

/** Where traces begin in this process, and go on from another one. */
export interface Tracing {
  begin(step: {
    readonly name: string
    /** `request`: somebody waits for it over HTTP; `job`: it came by the queue. */
    readonly kind: 'request' | 'job'
    /** Of the caller; null, or one that cannot be read: the trace begins here. */
    readonly traceparent: string | null
    readonly attributes?: Readonly<Record<string, string | number>>
  }): TraceStep
}
