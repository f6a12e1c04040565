import type { ArchiveFile, ArchiveItem } from '../archive/archive-item.ts'
import { readPicture } from '../archive/read-picture.ts'
import { InvalidField } from '../fields/invalid-field.ts'
import { makeRow, type ProblemPlace, problemAt, type RowFields } from '../fields/make-row.ts'
import { boundsOf, type Reading } from '../reading.ts'
import { SourceFault } from '../source-fault.ts'
import type { SourceItem } from '../source-row.ts'
import { EXPORT_FORMAT, EXPORT_VERSION, type ExportFile, exportFileAt } from './export-layout.ts'
import { type ExportRecord, groupsField, metadataField, pick, readRecord, textField } from './read-record.ts'

/**
 * The rows of an export, which bring its records back: one for each group, person and image. Throws `SourceFault`, too, if
 * the archive ends without saying that the export is whole; what came before is good.
 */
export async function* exportRows(
  head: ArchiveFile,
  items: AsyncGenerator<ArchiveItem>,
  reading: Reading,
): AsyncGenerator<SourceItem> {
  await checkHead(head, boundsOf(reading).rowBytes)
  const reader = new ExportReader(reading)
  for await (const item of items) {
    if (item.kind === 'problem') yield item
    else yield* reader.take(item)
  }
  yield* reader.finish()
}

async function checkHead(head: ArchiveFile, maxBytes: number): Promise<void> {
  const { format, version } = await readRecord(head, maxBytes).catch(asFault)
  if (format !== EXPORT_FORMAT || typeof version !== 'number')
    throw new SourceFault('not-readable', 'its first file is named as that of an export, and is none')
  if (version === EXPORT_VERSION) return
  const why = `it is an export of version ${version}; this server reads version ${EXPORT_VERSION}`
  throw new SourceFault('not-readable', why)
}

function asFault(error: unknown): never {
  if (!(error instanceof InvalidField)) throw error
  throw new SourceFault(
    'not-readable',
    `the first file of the export cannot be read: its ${error.field} ${error.message}`,
  )
}

const FIELDS_OF_IMAGE = ['createdAt', 'sha256', 'pack', 'descriptor', 'quality', 'damage']

type ExportPlace = ProblemPlace & { readonly key: string }

interface ReadImage {
  readonly id: string
  readonly personId: string
  readonly place: ExportPlace
  readonly record: ExportRecord
}

interface ReadPerson {
  readonly personId: string
  readonly fields: RowFields
  readonly restore: object
}

/** Goes from file to file; what an image needs of the files before it is one person and one record. */
class ExportReader {
  readonly #reading: Reading
  #person: ReadPerson | null = null
  /** Its picture comes next. */
  #image: ReadImage | null = null
  readonly #counts = { groups: 0, persons: 0, images: 0 }
  #end: ExportRecord | null = null
  #others = 0

  constructor(reading: Reading) {
    this.#reading = reading
  }

  async *take(file: ArchiveFile): AsyncGenerator<SourceItem> {
    const read = exportFileAt(file.path)
    const isItsPicture =
      read.kind === 'picture' && this.#image?.id === read.id && this.#image.personId === read.personId
    if (!isItsPicture) yield* this.#missingPicture()
    const person = 'personId' in read ? ({ by: 'id', id: read.personId } as const) : undefined
    const place: ExportPlace = { unit: 'entry', position: file.position, key: file.path, person }
    try {
      yield* await this.#read(file, read, place)
    } catch (error) {
      if (!(error instanceof InvalidField)) throw error
      yield problemAt(place, error.field, error.message)
    }
  }

  *finish(): Generator<SourceItem> {
    yield* this.#missingPicture()
    if (this.#others > 0)
      yield { kind: 'note', message: `files that are no part of an export: ${this.#others}` }
    if (this.#end === null)
      throw new SourceFault(
        'truncated',
        'the export does not say that it is whole: it was cut off, or never finished',
      )
    for (const [name, count] of Object.entries(this.#counts)) {
      const said = this.#end[name]
      if (said !== count)
        yield { kind: 'note', message: `${name} of the export: ${count}; it had ${Number(said)}` }
    }
  }

  async #read(file: ArchiveFile, read: ExportFile, place: ExportPlace): Promise<readonly SourceItem[]> {
    const { rowBytes } = boundsOf(this.#reading)
    switch (read.kind) {
      case 'group':
        this.#counts.groups += 1
        return [groupRow(read.id, await readRecord(file, rowBytes), place)]
      case 'person': {
        this.#counts.persons += 1
        this.#person = null
        this.#person = readPerson(read.personId, await readRecord(file, rowBytes))
        return [personRow(this.#person, place)]
      }
      case 'image':
        this.#counts.images += 1
        this.#image = { ...read, place, record: await readRecord(file, rowBytes) }
        return []
      case 'picture':
        return [await this.#imageRow(file, place)]
      case 'end':
        this.#end = await readRecord(file, rowBytes)
        return []
      case 'other':
        this.#others += 1
        return []
    }
  }

  async #imageRow(file: ArchiveFile, place: ExportPlace): Promise<SourceItem> {
    const [image, person] = [this.#image, this.#person]
    this.#image = null
    if (image === null) throw new InvalidField('picture', 'lies in the export without its record')
    if (person?.personId !== image.personId)
      throw new InvalidField('person', 'of this picture is not in the export before it, or cannot be read')
    const picture = { bytes: await readPicture(file, boundsOf(this.#reading).pictureBytes) }
    const kept = pick(image.record, FIELDS_OF_IMAGE)
    const restore = { person: person.restore, image: { id: image.id, ...kept } }
    return makeRow({ ...person.fields, key: place.key, id: person.personId, picture, restore }, place)
  }

  *#missingPicture(): Generator<SourceItem> {
    const image = this.#image
    if (image === null) return
    this.#image = null
    yield problemAt(image.place, 'picture', 'is not in the export')
  }
}

function groupRow(id: string, record: ExportRecord, place: ExportPlace): SourceItem {
  const [name, metadata] = [textField(record, 'name'), metadataField(record)]
  const restore = { group: { id, ...pick(record, ['createdAt']) } }
  return makeRow({ key: place.key, name, metadata, restore }, place)
}

function readPerson(personId: string, record: ExportRecord): ReadPerson {
  const fields = {
    name: textField(record, 'name'),
    metadata: metadataField(record),
    groups: groupsField(record),
    expireAt: textField(record, 'expireAt'),
  }
  return { personId, fields, restore: pick(record, ['externalId', 'createdAt', 'updatedAt']) }
}

function personRow({ personId, fields, restore }: ReadPerson, place: ExportPlace): SourceItem {
  return makeRow({ ...fields, key: place.key, id: personId, restore: { person: restore } }, place)
}
