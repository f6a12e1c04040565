import type { Lane } from '@semblance/core'
import type { z } from 'zod'
import type { PictureSource } from './catalogue.ts'

/** One kind of job: what callers and handlers agree on. New payload fields stay optional until one release has drained. */
export interface JobDefinition<Payload, Result> {
  /** The lane of a call that names none. */
  readonly lane: Lane
  /** As `JobRequest` has it; 1 if left out. */
  readonly laneShare?: number
  readonly payload: z.ZodType<Payload>
  /** The places of the pictures that the job reads. */
  readonly picturesOf: (payload: Payload) => readonly PictureSource[]
  /** It is never present, and carries the type of the JSON result. */
  readonly result?: Result
}

export type PayloadOf<Job> = Job extends JobDefinition<infer Payload, infer _Result> ? Payload : never
export type ResultOf<Job> = Job extends JobDefinition<infer _Payload, infer Result> ? Result : never

export function defineJob<Result>() {
  return <Payload>(
    definition: Omit<JobDefinition<Payload, Result>, 'result'>,
  ): JobDefinition<Payload, Result> => definition
}
