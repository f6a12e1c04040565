import { AppError, type ErrorCode } from '@semblance/core'

/** The answer to a job, on its way to the gateway that asked. */
export interface JobReply {
  readonly jobId: string
  readonly waitedMs: number
  readonly ranMs: number
  /** The result is JSON, which is parsed only if somebody waits for it. */
  readonly end: { readonly json: string } | { readonly error: AppError }
}

interface WrittenError {
  readonly code: ErrorCode
  readonly message: string
  readonly retryable: boolean
  readonly retryAfterSeconds: number | null
  readonly context: Readonly<Record<string, string | number>>
}

/** The fields of a stream entry. The cause of an error is left out: the process where it happened logs it. */
export function writeReply(reply: JobReply): readonly string[] {
  const { jobId, waitedMs, ranMs, end } = reply
  const times = ['id', jobId, 'waited', String(Math.round(waitedMs)), 'ran', String(Math.round(ranMs))]
  if ('json' in end) return [...times, 'result', end.json]
  const { code, message, retryable, retryAfterSeconds, context } = end.error
  const written: WrittenError = { code, message, retryable, retryAfterSeconds, context }
  return [...times, 'error', JSON.stringify(written)]
}

/** Null for an entry that is no reply. */
export function readReply(fields: readonly string[]): JobReply | null {
  const by = new Map<string, string>()
  for (let i = 0; i + 1 < fields.length; i += 2) by.set(fields[i] ?? '', fields[i + 1] ?? '')
  const [jobId, result, error] = [by.get('id'), by.get('result'), by.get('error')]
  if (jobId === undefined || (result === undefined && error === undefined)) return null
  const times = { jobId, waitedMs: Number(by.get('waited')), ranMs: Number(by.get('ran')) }
  if (error === undefined) return { ...times, end: { json: result ?? 'null' } }
  return { ...times, end: { error: readError(JSON.parse(error)) } }
}

function readError(written: WrittenError): AppError {
  const { code, message, retryable, retryAfterSeconds, context } = written
  const retryAfter = retryAfterSeconds === null ? {} : { retryAfterSeconds }
  return new AppError(code, message, { retryable, context, ...retryAfter })
}
