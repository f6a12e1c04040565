import type { FileHandle } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { crc32 } from 'node:zlib'
import { orAborted, type Waiting } from '@semblance/core'
import { type Entry, fromFd, type ZipFile } from 'yauzl'
import { InvalidField } from '../fields/invalid-field.ts'
import { problemAt } from '../fields/make-row.ts'
import type { SourceBounds } from '../source-bounds.ts'
import { SourceFault } from '../source-fault.ts'
import type { ArchiveItem } from './archive-item.ts'
import { type JudgedPath, judgePath } from './entry-path.ts'
import { UnpackedSize } from './unpacked-size.ts'

export interface ZipReading extends Waiting {
  readonly bounds: SourceBounds
}

/**
 * The files of a zip in the order of its directory, and problems for entries that are refused; folders and files of systems
 * are passed over. Each reading of the same file begins anew. The file stays open. Throws `SourceFault`, and the signal's
 * reason.
 */
export async function* readZipEntries(
  file: FileHandle,
  { bounds, signal }: ZipReading,
): AsyncGenerator<ArchiveItem> {
  const zip = await orAborted(openZip(file), signal)
  const size = new UnpackedSize(bounds)
  size.addPacked(zip.fileSize)
  if (zip.entryCount > bounds.entries) {
    throw new SourceFault('too-large', `the archive has more than ${bounds.entries} entries`)
  }
  for (let position = 1; ; position++) {
    const entry = await orAborted(nextEntry(zip), signal)
    if (entry === null) return
    const item = itemOf(entry, { zip, position, size, signal })
    if (item !== null) yield item
  }
}

function openZip(file: FileHandle): Promise<ZipFile> {
  const { promise, resolve, reject } = Promise.withResolvers<ZipFile>()
  const options = { lazyEntries: true, autoClose: false, decodeStrings: false }
  fromFd(file.fd, options, (error, zip) => {
    if (error === null) resolve(zip)
    else reject(faultOf(error))
  })
  return promise
}

function nextEntry(zip: ZipFile): Promise<Entry | null> {
  const { promise, resolve, reject } = Promise.withResolvers<Entry | null>()
  const end = () => resolve(null)
  const fail = (error: Error) => reject(faultOf(error))
  zip.once('entry', resolve).once('end', end).once('error', fail)
  zip.readEntry()
  return promise.finally(() => {
    zip.removeListener('entry', resolve).removeListener('end', end).removeListener('error', fail)
  })
}

/** What yauzl says of a zip has places and numbers in it, and once the name of a file, which it does not check for us. */
function faultOf(error: Error): SourceFault {
  const isShort = /truncated|EOF|overflows/i.test(error.message)
  return isShort
    ? new SourceFault('truncated', 'the zip has no directory at its end, or less than that says', error)
    : new SourceFault('damaged', 'the directory of the zip is damaged', error)
}

interface EntryReading extends Waiting {
  readonly zip: ZipFile
  readonly position: number
  readonly size: UnpackedSize
}

function itemOf(entry: Entry, reading: EntryReading): ArchiveItem | null {
  const place = { unit: 'entry', position: reading.position } as const
  const judged = judgeName(entry)
  switch (judged.kind) {
    case 'passed-over':
      return null
    case 'refused':
      return problemAt(place, 'entry', judged.why)
    case 'path': {
      const { path } = judged
      if (isFolder(entry)) return null
      const why = refusalOf(entry)
      if (why !== null) return problemAt({ ...place, key: path }, 'entry', why)
      const open = () => contentsOf(entry, reading)
      return { kind: 'file', position: reading.position, path, bytes: entry.uncompressedSize, open }
    }
  }
}

/** Its bytes as they stand; Windows programs write `\` between folders. */
function judgeName(entry: Entry): JudgedPath {
  const bytes = Buffer.from(unicodeName(entry) ?? entry.fileNameRaw)
  for (let at = bytes.indexOf(BACKSLASH); at !== -1; at = bytes.indexOf(BACKSLASH, at)) bytes[at] = SLASH
  return judgePath(bytes)
}

const BACKSLASH = 0x5c
const SLASH = 0x2f
/** Info-ZIP's field for the name in UTF-8: version 1, checksum of the other name, the name. */
const UNICODE_NAME = 0x7075
const UNICODE_NAME_AT = 5

function unicodeName(entry: Entry): Buffer | null {
  const data = entry.extraFields.find(({ id }) => id === UNICODE_NAME)?.data
  if (data === undefined || data.length <= UNICODE_NAME_AT || data[0] !== 1) return null
  return data.readUInt32LE(1) === crc32(entry.fileNameRaw) ? data.subarray(UNICODE_NAME_AT) : null
}

function isFolder(entry: Entry): boolean {
  const last = entry.fileNameRaw.at(-1)
  return last === SLASH || last === BACKSLASH
}

/** Mode of the file where a Unix wrote the entry, in the upper half of its attributes. */
const FILE_TYPE_BITS = 0o170_000
const REGULAR_FILE = 0o100_000
const SYMBOLIC_LINK = 0o120_000

function refusalOf(entry: Entry): string | null {
  if (entry.isEncrypted()) return 'is encrypted'
  if (!entry.canDecodeFileData()) return 'is packed by a method other than deflate'
  const type = (entry.externalFileAttributes >>> 16) & FILE_TYPE_BITS
  if (type === SYMBOLIC_LINK) return 'is a symbolic link'
  return type === 0 || type === REGULAR_FILE ? null : 'is no regular file'
}

/** A zip has each file on its own: one that is damaged says nothing of the others. */
async function* contentsOf(entry: Entry, { zip, size, signal }: EntryReading): AsyncGenerator<Buffer> {
  let checksum = 0
  try {
    const stream = await orAborted(openContents(zip, entry), signal)
    for await (const piece of stream) {
      signal?.throwIfAborted()
      size.addUnpacked(piece.length)
      checksum = crc32(piece, checksum)
      yield piece
    }
  } catch (error) {
    if (error instanceof SourceFault || signal?.aborted === true) throw error
    throw new InvalidField('picture', 'is damaged in the zip')
  }
  if (checksum !== entry.crc32)
    throw new InvalidField('picture', 'is damaged in the zip: its checksum is wrong')
}

function openContents(zip: ZipFile, entry: Entry): Promise<Readable> {
  const { promise, resolve, reject } = Promise.withResolvers<Readable>()
  zip.openReadStream(entry, (error, stream) => {
    if (error === null) resolve(stream)
    else reject(error)
  })
  return promise
}
