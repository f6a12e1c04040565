import type { Dispatcher } from 'undici'
import { type Opened, refused } from './link-source.ts'

/** Whether a status of HTTP tells of the server and not of the file, so that the same may be asked again later. */
export function isPassingStatus(status: number): boolean {
  return status === 408 || status === 429 || status >= 500
}

/** What an answer of HTTP to a GET, perhaps of a range, has opened; `close` ends its connection. */
export function openedByHttp(
  { statusCode, headers, body }: Dispatcher.ResponseData,
  { from, close }: { readonly from: number; readonly close: () => Promise<void> },
): Opened {
  if (isPassingStatus(statusCode)) return refused('unreachable')
  if (statusCode !== 200 && statusCode !== 206) return refused('bad-status')
  const length = headers['content-length'] === undefined ? null : Number(headers['content-length'])
  const range = statusCode === 206 ? readRange(headers['content-range']) : null
  // A server may answer with all instead of a part, and with no other part than the one asked for.
  if (statusCode === 206 && !isAskedFor(range, { from, length })) return refused('invalid-answer')
  const size = range === null ? length : range.size
  return {
    outcome: 'opened',
    body,
    from: range === null ? 0 : from,
    size,
    version: versionOf(headers, size),
    contentType: textOf(headers['content-type']),
    encoding: (textOf(headers['content-encoding']) ?? 'identity').trim().toLowerCase(),
    close,
  }
}

/** `bytes 5-9/10`, or a star for a size that is not known. */
function readRange(header: string | string[] | undefined) {
  const [, from, to, size] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(textOf(header) ?? '') ?? []
  if (from === undefined) return null
  return { from: Number(from), to: Number(to), size: size === '*' ? null : Number(size) }
}

/** Whoever wants all, from the first byte on, has asked for no part. */
function isAskedFor(
  range: ReturnType<typeof readRange>,
  { from, length }: { readonly from: number; readonly length: number | null },
): boolean {
  if (range === null || from === 0 || range.from !== from) return false
  const bytes = range.to - range.from + 1
  return bytes > 0 && (range.size === null || range.to < range.size) && (length === null || length === bytes)
}

function versionOf(headers: Dispatcher.ResponseData['headers'], size: number | null): string | null {
  const { etag, 'last-modified': modified } = headers
  if (etag !== undefined) return String(etag)
  return modified === undefined || size === null ? null : `${modified} ${size}`
}

function textOf(header: string | string[] | undefined): string | undefined {
  return header === undefined ? undefined : String(header)
}
