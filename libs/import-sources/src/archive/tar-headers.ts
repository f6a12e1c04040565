import { type Extract, extract } from 'tar-stream'
import { SourceFault } from '../source-fault.ts'

/** No tar that people make has more of them for one entry, those of the whole tar included; they are copied for each entry. */
const MAX_PAX_FIELDS = 1_000
/** An entry has up to four: of the whole tar, of its own, for its long name, for the long name that it links to. Tars that were joined have a few more. */
const MAX_HEADERS_BETWEEN = 100

/** What tar-stream has and does not document: it calls this for each extended header. It passes on what is thrown there as its error. */
interface Internals {
  _header: { readonly type: string | null } | null
  _decodeLongHeader(bytes: Buffer | null): void
}

/**
 * tar-stream with bounds for extended headers. It tells nobody of these before an entry comes, and bounds each by 4 MB alone:
 * one for the whole tar with half a million fields is copied for each that follows, and no entry need ever come. Throws if
 * tar-stream is no longer built so.
 */
export function boundedExtract(options: Parameters<typeof extract>[0]): Extract {
  const unpacking = extract(options)
  const internals = unpacking as unknown as Internals
  const decode = internals._decodeLongHeader
  if (typeof decode !== 'function')
    throw new Error('tar-stream has changed: extended headers are not bounded')
  let between = 0
  let globalFields = 0
  unpacking.on('entry', () => {
    between = 0
  })
  internals._decodeLongHeader = (bytes) => {
    between += 1
    if (between > MAX_HEADERS_BETWEEN) {
      throw damaged(`the tar has more than ${MAX_HEADERS_BETWEEN} extended headers in a row`)
    }
    const type = internals._header?.type
    const fields =
      bytes !== null && (type === 'pax-header' || type === 'pax-global-header') ? paxFields(bytes) : 0
    if (type === 'pax-global-header') globalFields = fields
    if (fields + (type === 'pax-header' ? globalFields : 0) > MAX_PAX_FIELDS) {
      throw damaged(`an entry of the tar has more than ${MAX_PAX_FIELDS} extended fields`)
    }
    decode.call(internals, bytes)
  }
  return unpacking
}

const SPACE = 0x20

/**
 * How many fields tar-stream will find, or one more than may be. Each is its own length, a space, `name=value` and a line feed.
 * tar-stream reads lengths as `parseInt` does, and ends at one that it cannot read: those that only `parseInt` understands,
 * such as `0x10`, are refused.
 */
function paxFields(bytes: Buffer): number {
  let fields = 0
  for (let at = 0; at < bytes.length && fields <= MAX_PAX_FIELDS; fields++) {
    const space = bytes.indexOf(SPACE, at)
    if (space === -1) break
    const text = bytes.toString('utf8', at, space)
    // biome-ignore lint/correctness/useParseIntRadix: as tar-stream does it
    const length = Number.parseInt(text)
    if (Number.isNaN(length)) break
    if (!/^[0-9]+$/.test(text)) throw damaged('the tar has an extended header that is none')
    // There is no room for a name: tar-stream ends there, too.
    if (length <= text.length + 2) break
    at += length
  }
  return fields
}

function damaged(message: string): SourceFault {
  return new SourceFault('damaged', message)
}
