import {
  type EnrolledImage,
  type EnrolledRow,
  faultOfImage,
  findOwners,
  IMAGE_TOMBSTONE,
  type Image,
  type ImageId,
  type ImageMove,
  type ImageRecords,
  type ImageState,
  type InspectedRecord,
  isImageTombstone,
  type ObserveDamage,
  type PackId,
  type Page,
  type PageRequest,
  type PersonId,
  pageOf,
  type RecordFault,
  type Waiting,
  withoutDamaged,
} from '@semblance/core'
import { Binary, type Collection, type Db, type Filter, type WithId } from 'mongodb'
import { anyOf } from '../database/any-of.ts'
import { binaryOfDescriptor, descriptorOfBinary, isDescriptor } from './descriptor-binary.ts'
import type { MongoPersonRecords } from './mongo-person-records.ts'
import { judgedBy, type NotedRecord, type NoteRecord } from './note-record.ts'
import { pageOfRecords } from './page-of-records.ts'
import {
  type Ask,
  asLastWritten,
  LIMITS,
  oneBatchOf,
  RecordWrites,
  type StoredRecord,
} from './record-writes.ts'

/** An image as MongoDB holds it, its descriptor inside. */
export interface ImageRecord extends Omit<Image, 'id'>, StoredRecord {
  readonly _id: ImageId
  readonly packId: PackId
  /** Float32, little-endian; empty in a tombstone. */
  readonly descriptor: Binary
  /** What other packs made of the picture. */
  readonly notes?: Readonly<Record<PackId, NoteRecord>>
  /** All of `notes` that could go went, in favor of this pack. */
  readonly kept?: PackId | null
}

interface RowQuery {
  readonly after: ImageId | null
  readonly limit: number
  readonly filter: Filter<ImageRecord>
}

type PlainRecord = Omit<WithId<ImageRecord>, 'descriptor' | 'packId' | 'notes'>

const DEAD: readonly ImageState[] = ['gone', 'erased']

/** Lists need no descriptors, and these are most of a record. */
const PLAIN = { projection: { descriptor: 0, packId: 0, notes: 0 }, ...LIMITS } as const

/** All that lists show. */
const SHOWN = {
  personId: 1,
  state: 1,
  contentType: 1,
  bytes: 1,
  sha256: 1,
  createdAt: 1,
  quality: 1,
  damage: 1,
} as const

export class MongoImageRecords implements ImageRecords {
  readonly #records: Collection<ImageRecord>
  readonly #writes: RecordWrites<ImageRecord>
  readonly #persons: MongoPersonRecords
  readonly #ask: Ask
  readonly #onDamage: ObserveDamage

  constructor(
    db: Db,
    deps: { readonly ask: Ask; readonly persons: MongoPersonRecords; readonly onDamage: ObserveDamage },
  ) {
    this.#onDamage = deps.onDamage
    this.#records = db.collection<ImageRecord>('images')
    this.#writes = new RecordWrites(this.#records, deps.ask)
    this.#persons = deps.persons
    this.#ask = deps.ask
  }

  insert({ id, descriptor, ...rest }: EnrolledImage, waiting?: Waiting): Promise<boolean> {
    const { packId, values } = descriptor
    return this.#writes.insert({ _id: id, ...rest, packId, descriptor: binaryOfDescriptor(values) }, waiting)
  }

  async find(id: ImageId, waiting?: Waiting): Promise<EnrolledImage | null> {
    const record = await this.#ask(() => this.#records.findOne({ _id: id }, LIMITS), waiting)
    return record === null ? null : this.#usable(record)
  }

  async findMany(ids: readonly ImageId[], waiting?: Waiting): Promise<readonly Image[]> {
    if (ids.length === 0) return []
    const options = { ...PLAIN, ...oneBatchOf(ids.length) }
    const filter = { _id: { $in: [...ids] } }
    const records = await this.#ask(() => this.#records.find(filter, options).toArray(), waiting)
    return this.#readable(records)
  }

  async findJudged(
    { ids, packId }: { readonly ids: readonly ImageId[]; readonly packId: PackId },
    waiting?: Waiting,
  ): Promise<readonly Image[]> {
    if (ids.length === 0) return []
    const ofNote = { [`notes.${packId}.quality`]: 1, [`notes.${packId}.damage`]: 1 }
    const options = { ...LIMITS, ...oneBatchOf(ids.length), projection: { ...SHOWN, ...ofNote } }
    const filter = { _id: { $in: [...ids] } }
    const read = () => this.#records.find<PlainRecord & NotedRecord>(filter, options).toArray()
    return this.#readable((await this.#ask(read, waiting)).map((record) => judgedBy(packId, record)))
  }

  async recordedIds(ids: readonly ImageId[], waiting?: Waiting): Promise<readonly ImageId[]> {
    if (ids.length === 0) return []
    const options = { ...oneBatchOf(ids.length), projection: { _id: 1 } } as const
    const filter = { _id: { $in: [...ids] } }
    const records = await this.#ask(() => this.#records.find(filter, options).toArray(), waiting)
    return records.map(({ _id }) => _id)
  }

  async ownersAmong(ids: readonly PersonId[], waiting?: Waiting): Promise<readonly PersonId[]> {
    if (ids.length === 0) return []
    // FerretDB takes no limit of time for a `distinct`.
    const steps = [
      { $match: { personId: { $in: [...ids] }, state: 'ready' } },
      { $group: { _id: '$personId' } },
    ]
    const options = oneBatchOf(ids.length)
    const owners = () => this.#records.aggregate<{ readonly _id: PersonId }>(steps, options).toArray()
    return (await this.#ask(owners, waiting)).map(({ _id }) => _id)
  }

  async countOf(ids: readonly PersonId[], waiting?: Waiting): Promise<number> {
    if (ids.length === 0) return 0
    const wanted = { personId: { $in: [...ids] }, state: 'ready' } as const
    return this.#ask(() => this.#records.countDocuments(wanted, LIMITS), waiting)
  }

  move(id: ImageId, { from, to }: ImageMove, waiting?: Waiting): Promise<boolean> {
    const filter = { _id: id, state: { $in: [...from] } }
    // Whoever makes an image ready looks at it once more if it seems that somebody else was faster.
    if (to === 'ready') return this.#writes.changeTogether(filter, { state: to }, waiting)
    const stripped = isImageTombstone(to) ? STRIPPED : {}
    return this.#writes.change(filter, { state: to, ...stripped }, waiting)
  }

  async markUnreadable(
    { id, personId }: { readonly id: ImageId; readonly personId: PersonId },
    waiting?: Waiting,
  ): Promise<boolean> {
    const record = await this.#ask(() => this.#records.findOne({ _id: id, personId }, PLAIN), waiting)
    if (record === null || DEAD.includes(record.state) || faultOfImage(imageOfRecord(record)) === null)
      return false
    return this.#writes.change(asLastWritten(record), { state: 'deleting' }, waiting)
  }

  async list(personIds: readonly PersonId[], request: PageRequest, waiting?: Waiting): Promise<Page<Image>> {
    const at = { records: this.#records, ask: this.#ask }
    if (personIds.length === 0) return pageOf([], 0, request)
    const filter = { personId: anyOf(personIds), state: 'ready' } as const
    const query = { filter, projection: PLAIN.projection, request }
    const { total, found } = await pageOfRecords(at, query, waiting)
    // The cursor goes on after the last record, readable or not, so that nothing behind a damaged one is lost.
    return { ...pageOf(found.map(imageOfRecord), total, request), items: this.#readable(found) }
  }

  async listIds(personId: PersonId, waiting?: Waiting): Promise<readonly ImageId[]> {
    const filter = { personId, state: { $nin: [...DEAD] } }
    const options = { projection: { _id: 1 }, ...LIMITS }
    const records = await this.#ask(() => this.#records.find(filter, options).toArray(), waiting)
    return records.map(({ _id }) => _id)
  }

  /** Goes on past images whose person is not live: only the end of all images makes a short list. */
  scanEnrolled(query: Omit<RowQuery, 'filter'>, waiting?: Waiting): Promise<readonly EnrolledRow[]> {
    return this.rowsOf({ ...query, filter: {} }, waiting)
  }

  /** The same for those that the filter applies to; `shown` is the record as it counts, null if it does not. */
  async rowsOf(
    { after, limit, filter }: RowQuery,
    waiting?: Waiting,
    shown: (record: ImageRecord) => ImageRecord | null = (record) => record,
  ): Promise<readonly EnrolledRow[]> {
    const rows: EnrolledRow[] = []
    for (let last = after; rows.length < limit; ) {
      const records = await this.#readyAfter({ after: last, limit, filter }, waiting)
      const images = records
        .map(shown)
        .map((record) => (record === null ? null : this.#usable(record)))
        .filter((image) => image !== null)
      rows.push(...(await this.#withLivePersons(images, waiting)))
      last = records.at(-1)?._id ?? last
      if (records.length < limit) break
    }
    return rows.slice(0, limit)
  }

  async #readyAfter({ after, limit, filter: wanted }: RowQuery, waiting?: Waiting) {
    const filter = { ...wanted, state: 'ready', _id: { $gt: (after ?? '') as ImageId } } as const
    const options = oneBatchOf(limit)
    return this.#ask(
      () => this.#records.find(filter, options).sort({ _id: 1 }).limit(limit).toArray(),
      waiting,
    )
  }

  #usable(record: ImageRecord): EnrolledImage | null {
    const image = imageOfRecord(record)
    const { packId, descriptor } = record
    const why = faultOfImage(image) ?? faultOfStored({ packId, descriptor })
    if (why !== null) this.#onDamage({ kind: 'image', id: String(image.id), why })
    return why === null ? { ...image, descriptor: { packId, values: descriptorOfBinary(descriptor) } } : null
  }

  #readable(records: readonly PlainRecord[]): readonly Image[] {
    const images = records.map(imageOfRecord)
    return withoutDamaged(images, { kind: 'image', faultOf: faultOfImage, onDamage: this.#onDamage })
  }

  async #withLivePersons(images: readonly EnrolledImage[], waiting?: Waiting): Promise<EnrolledRow[]> {
    const ids = new Set(images.map(({ personId }) => personId))
    const owners = await findOwners({ persons: this.#persons }, { ids }, waiting)
    return images.flatMap((image) => {
      const person = owners.get(image.personId)
      return person?.state === 'live' ? [{ image, person }] : []
    })
  }
}

function imageOfRecord(record: PlainRecord): Image {
  const { _id, personId, state, contentType, bytes, sha256, createdAt, quality, damage } = record
  // Records of earlier versions have none.
  const compared = { quality: quality ?? null, damage: damage ?? null }
  return { id: _id, personId, state, contentType, bytes, sha256, createdAt, ...compared }
}

/** Reads a record for a look at all of them, usable or not. */
export function inspectImageRecord(record: ImageRecord): InspectedRecord {
  const image = imageOfRecord(record)
  const { packId, descriptor } = record
  const { id, state, personId, bytes, sha256 } = image
  const why = faultOfImage(image) ?? faultOfStored({ packId, descriptor })
  if (why !== null) return { id, state, why, image: null }
  const values = descriptorOfBinary(descriptor)
  return { id, state, why, image: { personId, bytes, sha256, descriptor: { packId, values } } }
}

function faultOfStored({
  packId,
  descriptor,
}: {
  readonly packId: unknown
  readonly descriptor: unknown
}): RecordFault {
  if (typeof packId !== 'string') return 'the model pack of its descriptor is not known'
  return isDescriptor(descriptor) ? null : 'its descriptor is no list of numbers'
}

/** `IMAGE_TOMBSTONE` as a record has it. */
const STRIPPED = { ...IMAGE_TOMBSTONE, descriptor: new Binary(new Uint8Array()), notes: {} }
