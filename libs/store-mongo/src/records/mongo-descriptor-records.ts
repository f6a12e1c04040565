import {
  type Descriptor,
  type DescriptorNote,
  type DescriptorRecords,
  type EnrolledRow,
  type ImageId,
  type LackingPage,
  type PackId,
  type PackQuery,
  spreadIds,
  UNDESCRIBED_REASONS,
  type UndescribedImage,
  type Waiting,
} from '@semblance/core'
import { Binary, type Collection, type Db, type Filter } from 'mongodb'
import { binaryOfDescriptor, descriptorOfBinary, isDescriptor } from './descriptor-binary.ts'
import type { ImageRecord, MongoImageRecords } from './mongo-image-records.ts'
import { judgedBy, qualityBy } from './note-record.ts'
import { type Ask, asLastWritten, LIMITS, oneBatchOf, RecordWrites } from './record-writes.ts'

const EMPTY = new Binary(new Uint8Array())

/** Notes lie in the record of their image, so that whatever strips that takes them along. */
export class MongoDescriptorRecords implements DescriptorRecords {
  readonly #records: Collection<ImageRecord>
  readonly #writes: RecordWrites<ImageRecord>
  readonly #images: MongoImageRecords
  readonly #ask: Ask

  constructor(db: Db, deps: { readonly ask: Ask; readonly images: MongoImageRecords }) {
    this.#records = db.collection<ImageRecord>('images')
    this.#writes = new RecordWrites(this.#records, deps.ask)
    this.#images = deps.images
    this.#ask = deps.ask
  }

  async note(
    { imageId, packId, values, why, quality = null, damage = null }: DescriptorNote,
    waiting?: Waiting,
  ): Promise<boolean> {
    const descriptor = values === undefined ? EMPTY : binaryOfDescriptor(values)
    const filter = { _id: imageId, state: { $in: ['pending', 'ready'] } } as const
    const note = { [`notes.${packId}`]: { descriptor, why: why ?? null, quality, damage }, kept: null }
    const ofImage = filter as { readonly _id: ImageId } & Filter<ImageRecord>
    // Records of earlier versions have none: for MongoDB that is the same as null.
    if (quality !== null)
      await this.#writes.change({ ...ofImage, quality: null }, { quality, damage }, waiting)
    return this.#writes.change(ofImage, note, waiting)
  }

  async find(
    { imageId, packId }: Pick<DescriptorNote, 'imageId' | 'packId'>,
    waiting?: Waiting,
  ): Promise<Descriptor | null> {
    const record = await this.#ask(() => this.#records.findOne({ _id: imageId }, LIMITS), waiting)
    if (record === null || !(record.state === 'pending' || record.state === 'ready')) return null
    const binary = binaryOf(record, packId)
    return binary === null ? null : { packId, values: descriptorOfBinary(binary) }
  }

  async scan({ packId, after, limit }: PackQuery, waiting?: Waiting): Promise<readonly EnrolledRow[]> {
    const ofPack = { $or: [{ packId }, { [`notes.${packId}.why`]: null, [`notes.${packId}`]: THERE }] }
    return this.#images.rowsOf({ after, limit, filter: ofPack as Filter<ImageRecord> }, waiting, (record) => {
      const descriptor = binaryOf(record, packId)
      return descriptor === null ? null : { ...judgedBy(packId, record), packId, descriptor }
    })
  }

  async listLacking({ packId, after, limit }: PackQuery, waiting?: Waiting): Promise<LackingPage> {
    const lacking = { packId: { $ne: packId }, [`notes.${packId}`]: { $exists: false } }
    const ids = await this.#ready({ after, limit, filter: lacking as Filter<ImageRecord> }, waiting)
    return { ids, last: ids.length < limit ? null : (ids.at(-1) ?? null) }
  }

  async listUndescribed(
    { packId, after, limit }: PackQuery,
    waiting?: Waiting,
  ): Promise<readonly UndescribedImage[]> {
    const filter = { ...undescribedBy(packId), _id: { $gt: (after ?? '') as ImageId } }
    const options = { ...oneBatchOf(limit), projection: { personId: 1, notes: 1 } } as const
    const read = () => this.#records.find(filter, options).sort({ _id: 1 }).limit(limit).toArray()
    const records = await this.#ask(read, waiting)
    return records.flatMap(({ _id, personId, notes }) => {
      const why = notes?.[packId]?.why ?? null
      return why === null ? [] : [{ imageId: _id, personId, why }]
    })
  }

  countUndescribed(packId: PackId, waiting?: Waiting): Promise<number> {
    return this.#ask(() => this.#records.countDocuments(undescribedBy(packId), LIMITS), waiting)
  }

  /** At even distances between the first and the last id; from the beginning where these are not enough. */
  async sampleIds({ limit }: { readonly limit: number }, waiting?: Waiting): Promise<readonly ImageId[]> {
    const beginning = await this.#ready({ after: null, limit, filter: {} }, waiting)
    const [first, last] = [beginning[0], await this.#lastReady(waiting)]
    if (first === undefined || last === undefined) return []
    const found = new Set<ImageId>()
    for (const place of spreadIds(first, last, limit)) {
      const filter = { _id: { $gte: place as ImageId } } as Filter<ImageRecord>
      for (const id of await this.#ready({ after: null, limit: 1, filter }, waiting)) found.add(id)
    }
    return [...new Set([...found, ...beginning])].slice(0, limit)
  }

  async #lastReady(waiting?: Waiting): Promise<ImageId | undefined> {
    const options = { ...oneBatchOf(1), projection: { _id: 1 } } as const
    const read = () => this.#records.find({ state: 'ready' }, options).sort({ _id: -1 }).limit(1).toArray()
    return (await this.#ask(read, waiting))[0]?._id
  }

  async keepOnly(
    { packId, limit }: { readonly packId: PackId; readonly limit: number },
    waiting?: Waiting,
  ): Promise<number> {
    const filter = { notes: THERE, kept: { $ne: packId } } as Filter<ImageRecord>
    const options = oneBatchOf(limit)
    const found = await this.#ask(() => this.#records.find(filter, options).limit(limit).toArray(), waiting)
    for (const record of found) {
      const note = record.notes?.[packId]
      const isTaken = note !== undefined && note.why === null && isDescriptor(note.descriptor)
      const judged = isTaken ? qualityBy(packId, record) : null
      const own = isTaken ? { packId, descriptor: note.descriptor, ...judged } : {}
      const left = note !== undefined && note.why !== null ? { [packId]: note } : {}
      // Whoever wrote to it meanwhile is met by the next call.
      await this.#writes.change(asLastWritten(record), { ...own, notes: left, kept: packId }, waiting)
    }
    return found.length
  }

  async #ready(
    query: { readonly after: ImageId | null; readonly limit: number; readonly filter: Filter<ImageRecord> },
    waiting?: Waiting,
  ): Promise<readonly ImageId[]> {
    const { after, limit } = query
    const behind = after === null ? {} : { _id: { $gt: after } }
    const filter = { ...query.filter, state: 'ready', ...behind } as const
    const options = { ...oneBatchOf(limit), projection: { _id: 1 } } as const
    const read = () => this.#records.find(filter, options).sort({ _id: 1 }).limit(limit).toArray()
    return (await this.#ask(read, waiting)).map(({ _id }) => _id)
  }
}

const THERE = { $exists: true } as const

function undescribedBy(packId: PackId): Filter<ImageRecord> {
  return { state: 'ready', [`notes.${packId}.why`]: { $in: [...UNDESCRIBED_REASONS] } } as Filter<ImageRecord>
}

/** Null if there is no descriptor of this pack. */
function binaryOf(
  record: Pick<ImageRecord, 'packId' | 'descriptor' | 'notes'>,
  packId: PackId,
): Binary | null {
  if (record.packId === packId) return record.descriptor
  const note = record.notes?.[packId]
  return note !== undefined && note.why === null ? note.descriptor : null
}
