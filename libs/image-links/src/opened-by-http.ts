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
  const range = statusCode === 206 ? readRange(headers['content-range']) : null
  // A server may answer with all instead of a part, and with no other part than the one asked for.
  if (statusCode === 206 ? range?.from !== from : statusCode !== 200) return refused('bad-status')
  const length = headers['content-length'] === undefined ? null : Number(headers['content-length'])
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
  const [, from, size] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(textOf(header) ?? '') ?? []
  if (from === undefined) return null
  return { from: Number(from), size: size === '*' ? null : Number(size) }
}

function versionOf(headers: Dispatcher.ResponseData['headers'], size: number | null): string | null {
  const { etag, 'last-modified': modified } = headers
  if (etag !== undefined) return String(etag)
  return modified === undefined || size === null ? null : `${modified} ${size}`
}

function textOf(header: string | string[] | undefined): string | undefined {
  return header === undefined ? undefined : String(header)
}
