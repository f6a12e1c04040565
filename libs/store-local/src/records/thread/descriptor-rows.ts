import {
  type Descriptor,
  type DescriptorNote,
  type DescriptorRecords,
  type EnrolledRow,
  type ImageId,
  type LackingPage,
  type ObserveDamage,
  type PackId,
  type PackQuery,
  spreadIds,
  type UndescribedImage,
} from '@semblance/core'
import type { Database, Statement } from 'better-sqlite3'
import type { RowsOf } from '../store-calls.ts'
import { bytesOfDescriptor, descriptorsFromBytes } from './descriptor-bytes.ts'
import {
  EnrolledScan,
  JUDGED,
  SCANNED_COLUMNS,
  SCANNED_STATES,
  SCANNED_TABLES,
  type ScannedRow,
} from './enrolled-scan.ts'
import { NO_CURSOR } from './no-cursor.ts'

const EMPTY = Buffer.alloc(0)
/** Images that one call passes over: a few milliseconds, for which every other call waits. */
const LOOKED_AT = 2_000

/** The columns of a scan, with the pack, the descriptor and the quality that are asked for instead of the image's own. */
const SCANNED_OF_PACK = SCANNED_COLUMNS.replace(
  'k.packId, i.descriptor',
  ':packId, CASE WHEN i.pack = :pack THEN i.descriptor ELSE n.descriptor END',
).replace('i.quality, i.damage', JUDGED)

/** Descriptors of images by pack. Synchronous: runs on the store's own thread. */
export class DescriptorRows implements RowsOf<DescriptorRecords> {
  readonly #rememberPack: Statement
  readonly #findPack: Statement
  readonly #note: Statement
  readonly #fillQuality: Statement
  readonly #find: Statement<unknown[], { readonly descriptor: Buffer }>
  readonly #scan: Statement<unknown[], ScannedRow>
  readonly #scanning: EnrolledScan
  readonly #lacking: Statement<unknown[], { readonly id: ImageId; readonly lacks: number }>
  readonly #undescribed: Statement<unknown[], UndescribedImage>
  readonly #countUndescribed: Statement
  readonly #lastReady: Statement<unknown[], ImageId>
  readonly #readyFrom: Statement<unknown[], ImageId>
  readonly #take: Statement
  readonly #taken: Statement<unknown[], ImageId>
  readonly #forgetTaken: Statement
  readonly #otherPacks: Statement<unknown[], number>
  readonly #notesOf: Statement<unknown[], ImageId>

  constructor(db: Database, onDamage: ObserveDamage) {
    this.#scanning = new EnrolledScan(db, onDamage)
    this.#rememberPack = db.prepare('INSERT INTO packs (packId) VALUES (?) ON CONFLICT DO NOTHING')
    this.#findPack = db.prepare('SELECT id FROM packs WHERE packId = ?').pluck()
    this.#note =
      db.prepare(`INSERT OR REPLACE INTO descriptorNotes (pack, imageId, why, descriptor, quality, damage)
      SELECT :pack, id, :why, :descriptor, :quality, :damage FROM images WHERE id = :imageId AND state IN ('pending', 'ready')`)
    this.#fillQuality = db.prepare(`UPDATE images SET quality = :quality, damage = :damage
      WHERE id = :imageId AND quality IS NULL AND state IN ('pending', 'ready')`)
    this.#find =
      db.prepare(`SELECT CASE WHEN i.pack = :pack THEN i.descriptor ELSE n.descriptor END AS descriptor
      FROM images i LEFT JOIN descriptorNotes n ON n.pack = :pack AND n.imageId = i.id AND n.why IS NULL
      WHERE i.id = :imageId AND i.state IN ('pending', 'ready') AND (i.pack = :pack OR n.pack IS NOT NULL)`)
    this.#scan = db
      .prepare(`SELECT ${SCANNED_OF_PACK} FROM ${SCANNED_TABLES}
      LEFT JOIN descriptorNotes n ON n.pack = :pack AND n.imageId = i.id AND n.why IS NULL
      WHERE i.id > :after AND ${SCANNED_STATES} AND (i.pack = :pack OR n.pack IS NOT NULL) ORDER BY i.id LIMIT :limit`)
      .raw() as Statement<unknown[], ScannedRow>
    this.#lacking = db.prepare(`SELECT i.id, i.pack <> :pack AND n.pack IS NULL AS lacks FROM images i
      LEFT JOIN descriptorNotes n ON n.pack = :pack AND n.imageId = i.id
      WHERE i.id > :after AND i.state = 'ready' ORDER BY i.id LIMIT :lookedAt`)
    this.#undescribed = db.prepare(`SELECT n.imageId, i.personId, n.why FROM descriptorNotes n
      CROSS JOIN images i ON i.id = n.imageId AND i.state = 'ready'
      WHERE n.pack = :pack AND n.why IS NOT NULL AND n.imageId > :after ORDER BY n.imageId LIMIT :limit`)
    this.#countUndescribed = db
      .prepare(`SELECT count(*) FROM descriptorNotes n CROSS JOIN images i ON i.id = n.imageId AND i.state = 'ready'
      WHERE n.pack = ? AND n.why IS NOT NULL`)
      .pluck()
    // By the index of ids, also where another one covers the query.
    const ready = (where: string) =>
      db.prepare<unknown[], ImageId>(`SELECT id FROM images WHERE +state = 'ready' AND id ${where}`).pluck()
    this.#lastReady = ready('< ? ORDER BY id DESC LIMIT 1')
    this.#readyFrom = ready('>= ? ORDER BY id LIMIT ?')
    this.#take = db.prepare(`UPDATE images AS i SET pack = :pack, descriptor = n.descriptor,
        quality = coalesce(n.quality, i.quality), damage = CASE WHEN n.quality IS NULL THEN i.damage ELSE n.damage END
      FROM descriptorNotes n WHERE i.id = :id AND i.state IN ('pending', 'ready', 'deleting')
        AND n.pack = :pack AND n.imageId = i.id AND n.why IS NULL`)
    this.#taken = db
      .prepare<unknown[], ImageId>(
        'SELECT imageId FROM descriptorNotes WHERE pack = :pack AND why IS NULL LIMIT :limit',
      )
      .pluck()
    this.#forgetTaken = db.prepare('DELETE FROM descriptorNotes WHERE pack = :pack AND imageId = :id')
    this.#otherPacks = db.prepare<unknown[], number>('SELECT id FROM packs WHERE id > 0 AND id <> ?').pluck()
    this.#notesOf = db
      .prepare<unknown[], ImageId>('SELECT imageId FROM descriptorNotes WHERE pack = :pack LIMIT :limit')
      .pluck()
  }

  note({ imageId, packId, values, why, quality = null, damage = null }: DescriptorNote): boolean {
    if (quality !== null) this.#fillQuality.run({ imageId, quality, damage })
    const descriptor = values === undefined ? EMPTY : bytesOfDescriptor(values)
    const row = { imageId, pack: this.#packOf(packId), why: why ?? null, descriptor, quality, damage }
    return this.#note.run(row).changes === 1
  }

  find({ imageId, packId }: Pick<DescriptorNote, 'imageId' | 'packId'>): Descriptor | null {
    const found = this.#find.get({ imageId, pack: this.#knownPack(packId) })
    if (found === undefined) return null
    const [values = new Float32Array()] = descriptorsFromBytes([found.descriptor])
    return { packId, values }
  }

  scan({ packId, after, limit }: PackQuery): readonly EnrolledRow[] {
    const pack = this.#knownPack(packId)
    return this.#scanning.rows({ after, limit }, (from, wanted) =>
      this.#scan.all({ pack, packId, after: from, limit: wanted }),
    )
  }

  listLacking({ packId, after, limit }: PackQuery): LackingPage {
    const pack = this.#knownPack(packId)
    const rows = this.#lacking.all({ pack, after: after ?? '', lookedAt: LOOKED_AT })
    const lacking = rows.filter(({ lacks }) => lacks === 1).map(({ id }) => id)
    const ids = lacking.slice(0, limit)
    if (ids.length < lacking.length) return { ids, last: ids.at(-1) ?? null }
    return { ids, last: rows.length < LOOKED_AT ? null : (rows.at(-1)?.id ?? null) }
  }

  listUndescribed({ packId, after, limit }: PackQuery): readonly UndescribedImage[] {
    return this.#undescribed.all({ pack: this.#knownPack(packId), after: after ?? '', limit })
  }

  countUndescribed(packId: PackId): number {
    return this.#countUndescribed.get(this.#knownPack(packId)) as number
  }

  /** At even distances between the first and the last id; from the beginning where these are not enough. */
  sampleIds({ limit }: { readonly limit: number }): readonly ImageId[] {
    const beginning = this.#readyFrom.all('', limit)
    const [first, last] = [beginning[0], this.#lastReady.get(NO_CURSOR)]
    if (first === undefined || last === undefined) return []
    const spread = spreadIds(first, last, limit).flatMap((place) => this.#readyFrom.all(place, 1))
    return [...new Set([...spread, ...beginning])].slice(0, limit)
  }

  keepOnly({ packId, limit }: { readonly packId: PackId; readonly limit: number }): number {
    const pack = this.#packOf(packId)
    const taken = this.#taken.all({ pack, limit })
    for (const id of taken) {
      this.#take.run({ pack, id })
      this.#forgetTaken.run({ pack, id })
    }
    if (taken.length > 0) return taken.length
    return this.#otherPacks.all(pack).reduce((sum, other) => sum + this.#forget(other, limit - sum), 0)
  }

  #forget(pack: number, limit: number): number {
    const noted = this.#notesOf.all({ pack, limit })
    for (const id of noted) this.#forgetTaken.run({ pack, id })
    return noted.length
  }

  #packOf(packId: PackId): number {
    this.#rememberPack.run(packId)
    return this.#findPack.get(packId) as number
  }

  /** No image is of a pack that nothing was ever written of; its number is none that a pack has. */
  #knownPack(packId: PackId): number {
    return (this.#findPack.get(packId) as number | undefined) ?? -1
  }
}
