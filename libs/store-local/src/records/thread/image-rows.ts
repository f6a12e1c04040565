import {
  type EnrolledImage,
  type EnrolledRow,
  faultOfImage,
  IMAGE_TOMBSTONE,
  type Image,
  type ImageId,
  type ImageMove,
  type ImageRecords,
  isImageTombstone,
  type ObserveDamage,
  type PackId,
  type Page,
  type PageRequest,
  type PersonId,
  pageOf,
  withoutDamaged,
} from '@semblance/core'
import type { Database, Statement } from 'better-sqlite3'
import type { RowsOf } from '../store-calls.ts'
import { bytesOfDescriptor, descriptorsFromBytes } from './descriptor-bytes.ts'
import {
  EnrolledScan,
  faultOfStored,
  JUDGED,
  SCANNED_COLUMNS,
  SCANNED_STATES,
  SCANNED_TABLES,
  type ScannedRow,
} from './enrolled-scan.ts'
import { NO_CURSOR } from './no-cursor.ts'

const IMAGE_COLUMNS = 'id, personId, state, contentType, bytes, sha256, createdAt, quality, damage'

interface EnrolledImageRow extends Image {
  /** A null means that the record names a pack that the table of packs has not. */
  readonly packId: PackId | null
  readonly descriptor: Buffer
}

/** Image records with their descriptors. Synchronous: runs on the store's own thread. */
export class ImageRows implements RowsOf<ImageRecords> {
  readonly #insert: Statement
  readonly #find: Statement<[string], EnrolledImageRow>
  readonly #findMany: Statement<[string], Image>
  readonly #findJudged: Statement<unknown[], Image>
  readonly #recorded: Statement<[string], ImageId>
  readonly #owners: Statement<[string], PersonId>
  readonly #countOf: Statement
  readonly #move: Statement
  readonly #bury: Statement
  readonly #markUnreadable: Statement
  readonly #list: Statement<unknown[], Image>
  readonly #countReady: Statement
  readonly #listIds: Statement
  readonly #scan: Statement<unknown[], ScannedRow>
  readonly #scanning: EnrolledScan
  readonly #forgetNotes: Statement
  readonly #rememberPack: Statement
  readonly #findPack: Statement
  readonly #onDamage: ObserveDamage

  constructor(db: Database, onDamage: ObserveDamage) {
    this.#onDamage = onDamage
    this.#insert = db.prepare(`INSERT INTO images (${IMAGE_COLUMNS}, touchedAt, pack, descriptor)
      VALUES (:id, :personId, :state, :contentType, :bytes, :sha256, :createdAt, :quality, :damage, :touchedAt, :pack, :descriptor)
      ON CONFLICT (id) DO NOTHING`)
    this.#find = db.prepare(`SELECT ${qualified('i')}, k.packId, i.descriptor
      FROM images i LEFT JOIN packs k ON k.id = i.pack WHERE i.id = ?`)
    this.#findMany = db.prepare(
      `SELECT ${IMAGE_COLUMNS} FROM images WHERE id IN (SELECT value FROM json_each(?))`,
    )
    this.#findJudged = db.prepare(`SELECT ${qualified('i').replace('i.quality, i.damage', JUDGED)}
      FROM images i LEFT JOIN packs k ON k.packId = :packId
      LEFT JOIN descriptorNotes n ON n.pack = k.id AND n.imageId = i.id AND n.why IS NULL
      WHERE i.id IN (SELECT value FROM json_each(:ids))`)
    this.#recorded = db
      .prepare<[string], ImageId>('SELECT id FROM images WHERE id IN (SELECT value FROM json_each(?))')
      .pluck()
    this.#countOf = db
      .prepare(`SELECT count(*) FROM images
        WHERE personId IN (SELECT value FROM json_each(?)) AND state = 'ready'`)
      .pluck()
    this.#owners = db
      .prepare<[string], PersonId>(`SELECT value FROM json_each(?) WHERE EXISTS
      (SELECT 1 FROM images WHERE personId = value AND state = 'ready')`)
      .pluck()
    this.#move = db.prepare(`UPDATE images SET state = :to, touchedAt = :nowMs
      WHERE id = :id AND state IN (SELECT value FROM json_each(:from))`)
    this.#bury =
      db.prepare(`UPDATE images SET state = :to, touchedAt = :nowMs, descriptor = x'', sha256 = :sha256,
      contentType = :contentType, bytes = :bytes, quality = :quality, damage = :damage WHERE id = :id AND state IN (SELECT value FROM json_each(:from))`)
    this.#markUnreadable = db.prepare(
      "UPDATE images SET state = 'deleting', touchedAt = ? WHERE id = ? AND state NOT IN ('gone', 'erased')",
    )
    this.#scanning = new EnrolledScan(db, onDamage)
    this.#forgetNotes = db.prepare('DELETE FROM descriptorNotes WHERE imageId = ?')
    this.#list =
      db.prepare(`SELECT ${IMAGE_COLUMNS} FROM images WHERE personId = ? AND state = 'ready' AND id < ?
      ORDER BY id DESC LIMIT ? OFFSET ?`)
    this.#countReady = db
      .prepare(`SELECT count(*) FROM images WHERE personId = ? AND state = 'ready' AND id < ?`)
      .pluck()
    this.#listIds = db
      .prepare(`SELECT id FROM images WHERE personId = ? AND state NOT IN ('gone', 'erased')`)
      .pluck()
    this.#scan = db
      .prepare(`SELECT ${SCANNED_COLUMNS} FROM ${SCANNED_TABLES}
      WHERE i.id > ? AND ${SCANNED_STATES} ORDER BY i.id LIMIT ?`)
      .raw() as Statement<unknown[], ScannedRow>
    this.#rememberPack = db.prepare('INSERT INTO packs (packId) VALUES (?) ON CONFLICT DO NOTHING')
    this.#findPack = db.prepare('SELECT id FROM packs WHERE packId = ?').pluck()
  }

  insert(image: EnrolledImage, nowMs: number): boolean {
    const { descriptor, damage = null, ...record } = image
    this.#rememberPack.run(descriptor.packId)
    const pack = this.#findPack.get(descriptor.packId)
    const blob = bytesOfDescriptor(descriptor.values)
    return this.#insert.run({ ...record, damage, touchedAt: nowMs, pack, descriptor: blob }).changes === 1
  }

  find(id: ImageId): EnrolledImage | null {
    const row = this.#find.get(id)
    if (row === undefined) return null
    const why = faultOfImage(row) ?? faultOfStored(row)
    if (why !== null) this.#onDamage({ kind: 'image', id: row.id, why })
    return why === null ? enrolledOf(row) : null
  }

  findMany(ids: readonly ImageId[]): readonly Image[] {
    return this.#readable(this.#findMany.all(JSON.stringify(ids)))
  }

  findJudged({
    ids,
    packId,
  }: {
    readonly ids: readonly ImageId[]
    readonly packId: PackId
  }): readonly Image[] {
    return this.#readable(this.#findJudged.all({ ids: JSON.stringify(ids), packId }))
  }

  recordedIds(ids: readonly ImageId[]): readonly ImageId[] {
    return this.#recorded.all(JSON.stringify(ids))
  }

  ownersAmong(ids: readonly PersonId[]): readonly PersonId[] {
    return this.#owners.all(JSON.stringify(ids))
  }

  countOf(ids: readonly PersonId[]): number {
    return this.#countOf.get(JSON.stringify(ids)) as number
  }

  move(id: ImageId, move: ImageMove, nowMs: number): boolean {
    const values = { id, nowMs, from: JSON.stringify(move.from), to: move.to }
    if (!isImageTombstone(move.to)) return this.#move.run(values).changes === 1
    const isMoved = this.#bury.run({ ...values, ...IMAGE_TOMBSTONE }).changes === 1
    if (isMoved) this.#forgetNotes.run(id)
    return isMoved
  }

  markUnreadable(target: { readonly id: ImageId; readonly personId: PersonId }, nowMs: number): boolean {
    const [row] = this.#findMany.all(JSON.stringify([target.id]))
    if (row?.personId !== target.personId || this.#readable([row]).length > 0) return false
    return this.#markUnreadable.run(nowMs, target.id).changes === 1
  }

  /** For each person a range of one index; those of a few persons are put together here. */
  list(personIds: readonly PersonId[], request: PageRequest): Page<Image> {
    const { cursor = NO_CURSOR, page, size } = request
    const [one, ...more] = personIds
    if (one === undefined) return pageOf([], 0, request)
    const isOne = more.length === 0
    const [limit, offset] = isOne ? [size, (page - 1) * size] : [page * size, 0]
    const listed = personIds.flatMap((id) => this.#list.all(id, cursor, limit, offset))
    const rows = isOne ? listed : newestFirst(listed).slice((page - 1) * size, page * size)
    const total = personIds.reduce((sum, id) => sum + (this.#countReady.get(id, cursor) as number), 0)
    // The cursor goes on after the last record, readable or not, so that nothing behind a damaged one is lost.
    return { ...pageOf(rows, total, request), items: this.#readable(rows) }
  }

  listIds(personId: PersonId): readonly ImageId[] {
    return this.#listIds.all(personId) as ImageId[]
  }

  scanEnrolled({
    after,
    limit,
  }: {
    readonly after: ImageId | null
    readonly limit: number
  }): readonly EnrolledRow[] {
    return this.#scanning.rows({ after, limit }, (from, wanted) => this.#scan.all(from, wanted))
  }

  #readable(rows: readonly Image[]): readonly Image[] {
    return withoutDamaged(rows, { kind: 'image', faultOf: faultOfImage, onDamage: this.#onDamage })
  }
}

function newestFirst(images: readonly Image[]): readonly Image[] {
  return images.toSorted((a, b) => (a.id < b.id ? 1 : -1))
}

function qualified(table: string): string {
  return IMAGE_COLUMNS.split(', ')
    .map((column) => `${table}.${column}`)
    .join(', ')
}

function enrolledOf({ packId, descriptor, ...image }: EnrolledImageRow): EnrolledImage {
  const [values] = descriptorsFromBytes([descriptor])
  return { ...image, descriptor: { packId: packId ?? ('' as PackId), values: values ?? new Float32Array() } }
}
