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

/** The part that is the manifest. */
const MANIFEST_PART = 'rows'

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
      const first = await parts.next()
      if (first === null) throw new SourceFault('not-readable', 'it is a form without parts')
      const manifest = first.name === MANIFEST_PART ? await manifestOf(first, parts, reading) : null
      yield* archiveRows(itemsOf(parts, manifest === null ? first : null), reading, manifest)
    } finally {
      parts.close()
    }
  } finally {
    // Not waited for, since a silent source does not answer.
    pieces.return(undefined).catch(() => {})
  }
}

async function manifestOf(part: FormPart, parts: FormParts, reading: LayoutReading): Promise<ArchiveFile> {
  const by = reading.layout?.by ?? 'auto'
  if (by === 'folders' || by === 'pattern') {
    throw new SourceFault('not-readable', 'the form has a part "rows", which goes with no pattern or folders')
  }
  requirePlain(part)
  const { head, all } = await peek(parts.contentsOf(part), HEAD_BYTES)
  const { contentType, fileName } = part
  const kind = detectKind(head, fileName === undefined ? { contentType } : { contentType, fileName })
  if (kind !== 'csv' && kind !== 'ndjson') {
    throw new SourceFault('not-readable', 'the part "rows" is neither NDJSON nor CSV')
  }
  return { kind: 'file', position: part.position, path: `manifest.${kind}`, bytes: null, open: () => all }
}

async function* itemsOf(parts: FormParts, first: FormPart | null): AsyncGenerator<ArchiveItem> {
  for (let part = first ?? (await parts.next()); part !== null; part = await parts.next()) {
    const item = itemOf(part, parts)
    if (item !== null) yield item
    part.isDropped = true
    part.pieces.length = 0
  }
}

/** Null for plain fields, and for the files that systems put there. */
function itemOf(part: FormPart, parts: FormParts): ArchiveItem | null {
  const { name, fileName, position } = part
  if (name === MANIFEST_PART) {
    throw new SourceFault(
      'not-readable',
      'the part "rows" must be the first of the form, and there only once',
    )
  }
  if (fileName === undefined || fileName === '') return null
  requirePlain(part)
  const place = { unit: 'entry', position } as const
  if (fileName.includes('\uFFFD')) return problemAt(place, 'entry', 'has a name that is not UTF-8')
  const judged = judgePath(Buffer.from(fileName))
  if (judged.kind === 'passed-over') return null
  if (judged.kind === 'refused') return problemAt(place, 'entry', judged.why)
  return { kind: 'file', position, path: judged.path, bytes: null, open: () => parts.contentsOf(part) }
}

/** RFC 7578, section 4.7, takes the encodings of mail out of forms; read as they are, they would be no pictures. */
function requirePlain({ encoding }: FormPart): void {
  if (/^(7bit|8bit|binary)$/i.test(encoding)) return
  throw new SourceFault(
    'not-readable',
    'the form has a part with another Content-Transfer-Encoding than binary',
  )
}
