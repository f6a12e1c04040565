import { peek } from '../bytes/peek.ts'
import { type ByteSource, readBytes } from '../bytes/read-bytes.ts'
import { problemAt } from '../fields/make-row.ts'
import { archiveRows } from '../layout/archive-rows.ts'
import type { LayoutReading } from '../layout/layout-reading.ts'
import { boundsOf } from '../reading.ts'
import { SourceFault } from '../source-fault.ts'
import { detectKind, HEAD_BYTES } from '../source-kind.ts'
import type { SourceItem } from '../source-row.ts'
import type { ArchiveFile, ArchiveItem } from './archive-item.ts'
import { judgePath } from './entry-path.ts'
import { type FormPart, FormParts } from './form-parts.ts'
import type { PartHeaders } from './part-headers.ts'

/** The part that is the manifest. */
const MANIFEST_PART = 'rows'
const BAD_HEADERS = 'has damaged headers, or a Content-Disposition without a name'

export function isForm(contentType: string | undefined): contentType is string {
  return contentType !== undefined && /^\s*multipart\/form-data\s*(;|$)/i.test(contentType)
}

/**
 * The rows of a `multipart/form-data` body, as it comes: the part `rows` is the manifest and comes first, each other part with a
 * file name is a picture. Throws `SourceFault`, and the signal's reason.
 */
export async function* readForm(
  source: ByteSource,
  contentType: string,
  reading: LayoutReading = {},
): AsyncGenerator<SourceItem> {
  const pieces = readBytes(source, reading)
  try {
    const parts = new FormParts(pieces, contentType, boundsOf(reading))
    try {
      const first = await firstOf(parts)
      const manifest = first.headers.name === MANIFEST_PART ? await manifestOf(first, parts, reading) : null
      yield* archiveRows(itemsOf(parts, manifest === null ? first : null), reading, manifest)
    } finally {
      parts.close()
    }
  } finally {
    // Not waited for, since a silent source does not answer.
    pieces.return(undefined).catch(() => {})
  }
}

type ReadablePart = FormPart & { readonly headers: PartHeaders }

/** One that cannot be read may be the manifest: without it, pictures would go to the wrong persons. */
async function firstOf(parts: FormParts): Promise<ReadablePart> {
  const first = await parts.next()
  if (first === null) throw new SourceFault('not-readable', 'it is a form without parts')
  if (!hasHeaders(first)) throw new SourceFault('damaged', `the first part of the form ${BAD_HEADERS}`)
  return first
}

function hasHeaders(part: FormPart): part is ReadablePart {
  return part.headers !== null
}

async function manifestOf(
  part: ReadablePart,
  parts: FormParts,
  reading: LayoutReading,
): Promise<ArchiveFile> {
  const by = reading.layout?.by ?? 'auto'
  if (by === 'folders' || by === 'pattern') {
    throw new SourceFault('not-readable', 'the form has a part "rows", which goes with no pattern or folders')
  }
  requirePlain(part.headers)
  const { head, all } = await peek(parts.contentsOf(part), HEAD_BYTES)
  const { contentType, fileName } = part.headers
  const kind = detectKind(head, {
    contentType,
    ...(fileName !== undefined && { fileName: fileName.toString() }),
  })
  if (kind !== 'csv' && kind !== 'ndjson') {
    throw new SourceFault('not-readable', 'the part "rows" is neither NDJSON nor CSV')
  }
  return { kind: 'file', position: part.position, path: `manifest.${kind}`, bytes: null, open: () => all }
}

async function* itemsOf(parts: FormParts, first: FormPart | null): AsyncGenerator<ArchiveItem> {
  for (let part = first ?? (await parts.next()); part !== null; part = await parts.next()) {
    const item = await itemOf(part, parts)
    if (item !== null) yield item
    part.isDropped = true
    part.pieces.length = 0
  }
}

/** Null for a choice of files that was left empty, and for the files that systems put there. */
async function itemOf(part: FormPart, parts: FormParts): Promise<ArchiveItem | null> {
  const { position } = part
  const place = { unit: 'entry', position } as const
  if (!hasHeaders(part)) return problemAt(place, 'entry', BAD_HEADERS)
  const { name, fileName } = part.headers
  if (name === MANIFEST_PART) {
    throw new SourceFault(
      'not-readable',
      'the part "rows" must be the first of the form, and there only once',
    )
  }
  const isUnnamed = fileName === undefined || fileName.length === 0
  if (fileName?.length === 0 && (await isEmpty(part, parts))) return null
  if (isUnnamed) return problemAt(place, 'entry', 'has no file name')
  requirePlain(part.headers)
  const judged = judgePath(fileName)
  if (judged.kind === 'passed-over') return null
  if (judged.kind === 'refused') return problemAt(place, 'entry', judged.why)
  return { kind: 'file', position, path: judged.path, bytes: null, open: () => parts.contentsOf(part) }
}

async function isEmpty(part: FormPart, parts: FormParts): Promise<boolean> {
  for await (const _piece of parts.contentsOf(part)) return false
  return true
}

/** RFC 7578, section 4.7, takes the encodings of mail out of forms; read as they are, they would be no pictures. */
function requirePlain({ encoding }: PartHeaders): void {
  if (/^(7bit|8bit|binary)$/i.test(encoding)) return
  throw new SourceFault(
    'not-readable',
    'the form has a part with another Content-Transfer-Encoding than binary',
  )
}
