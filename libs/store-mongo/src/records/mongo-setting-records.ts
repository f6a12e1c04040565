import type {
  GalleryPacks,
  GroupId,
  IndexGenerationRegistry,
  IndexGenerations,
  PackId,
  SettingRecords,
  Waiting,
} from '@semblance/core'
import type { Collection, Db } from 'mongodb'
import { RecordReads } from './record-reads.ts'
import { type Ask, LIMITS, oneBatchOf, RecordWrites, type StoredRecord } from './record-writes.ts'
import { PACK_SETTING as PACK } from './schema-version.ts'

interface Setting extends StoredRecord {
  readonly value: string
  /** Of the setting `pack` alone, once it was changed. */
  readonly other?: PackId | null
  readonly rev?: number
}

interface GenerationsRecord extends IndexGenerations, StoredRecord {}

const DEFAULT_GROUP = 'defaultGroup'
const CURSOR_KEY = 'cursorKey'
const GENERATIONS = 'indexGenerations'
/** The pack that the gallery was made with. */
const FIRST_PACK = 'firstPack'
/** A gallery has two packs, and what is left of dropped ones. */
const MOST_LISTS = 100

/** What belongs to the gallery as a whole: a document each. */
export class MongoSettingRecords implements SettingRecords {
  readonly #settings: Collection<Setting>
  readonly #generations: Collection<GenerationsRecord>
  readonly #settingReads: RecordReads<Setting>
  readonly #settingWrites: RecordWrites<Setting>
  readonly #generationWrites: RecordWrites<GenerationsRecord>
  readonly #ask: Ask
  #firstPack: PackId | null = null

  constructor(db: Db, ask: Ask) {
    this.#settings = db.collection<Setting>('settings')
    this.#generations = db.collection<GenerationsRecord>('settings')
    this.#settingReads = new RecordReads(this.#settings, ask)
    this.#settingWrites = new RecordWrites(this.#settings, ask)
    this.#generationWrites = new RecordWrites(this.#generations, ask)
    this.#ask = ask
  }

  async readDefaultGroup(waiting?: Waiting): Promise<GroupId | null> {
    return (await this.#read(DEFAULT_GROUP, waiting)) as GroupId | null
  }

  setDefaultGroup(
    { expected, next }: { readonly expected: GroupId | null; readonly next: GroupId },
    waiting?: Waiting,
  ): Promise<boolean> {
    if (expected === null) return this.#settingWrites.insert({ _id: DEFAULT_GROUP, value: next }, waiting)
    return this.#settingWrites.change({ _id: DEFAULT_GROUP, value: expected }, { value: next }, waiting)
  }

  async readPack(waiting?: Waiting): Promise<PackId | null> {
    return (await this.#read(PACK, waiting)) as PackId | null
  }

  async claimPack(packId: PackId, waiting?: Waiting): Promise<PackId> {
    return (await this.#claim(PACK, packId, waiting)) as PackId
  }

  async readPacks(waiting?: Waiting): Promise<GalleryPacks | null> {
    const found = await this.#settingReads.find(PACK, waiting)
    if (found === null) return null
    return { serving: found.value as PackId, other: found.other ?? null, rev: found.rev ?? 0 }
  }

  /** All of it is one document, so that no process sees half a change. */
  changePacks({ serving, other, rev }: GalleryPacks, waiting?: Waiting): Promise<boolean> {
    const before = { _id: PACK, ...(rev === 1 ? { rev: { $exists: false } } : { rev: rev - 1 }) }
    return this.#settingWrites.change(before, { value: serving, other, rev }, waiting)
  }

  claimCursorKey(key: string, waiting?: Waiting): Promise<string> {
    return this.#claim(CURSOR_KEY, key, waiting)
  }

  /** Of the index of one pack. The pack that the gallery was made with has the list that earlier releases know. */
  generationsOf(packId: PackId): IndexGenerationRegistry {
    return {
      readGenerations: async (waiting) => {
        const key = await this.#generationsKey(packId, waiting)
        const find = () => this.#generations.findOne({ _id: key }, LIMITS)
        const found = await this.#ask(find, waiting)
        if (found === null) return { rev: 0, serving: null, others: [] }
        return { rev: found.rev, serving: found.serving ?? null, others: found.others ?? [] }
      },
      changeGenerations: async ({ rev, serving, others }, waiting) => {
        const key = await this.#generationsKey(packId, waiting)
        const next = { rev, serving, others: [...others] }
        if (rev === 1) return this.#generationWrites.insert({ _id: key, ...next }, waiting)
        return this.#generationWrites.change({ _id: key, rev: rev - 1 }, next, waiting)
      },
    }
  }

  /** Packs whose index has a copy. */
  async packsWithGenerations(waiting?: Waiting): Promise<readonly PackId[]> {
    const filter = { _id: { $regex: `^${GENERATIONS}` } }
    const read = () => this.#generations.find(filter, oneBatchOf(MOST_LISTS)).limit(MOST_LISTS).toArray()
    const lists = await this.#ask(read, waiting)
    const first = await this.#read(FIRST_PACK, waiting)
    const ids = lists
      .filter(({ serving, others }) => (serving ?? null) !== null || (others ?? []).length > 0)
      .map(({ _id }) => (_id === GENERATIONS ? first : _id.slice(GENERATIONS.length + 1)))
    return ids.filter((id) => id !== null) as PackId[]
  }

  /** Written down once, and the same for ever: whose the list is that has no pack in its name. */
  async #generationsKey(packId: PackId, waiting?: Waiting): Promise<string> {
    this.#firstPack ??= (await this.#claim(
      FIRST_PACK,
      (await this.readPack(waiting)) ?? packId,
      waiting,
    )) as PackId
    return packId === this.#firstPack ? GENERATIONS : `${GENERATIONS}:${packId}`
  }

  async #claim(setting: string, value: string, waiting?: Waiting): Promise<string> {
    const known = await this.#read(setting, waiting)
    if (known !== null) return known
    await this.#settingWrites.insert({ _id: setting, value }, waiting)
    return (await this.#read(setting, waiting)) ?? value
  }

  async #read(key: string, waiting?: Waiting): Promise<string | null> {
    const found = await this.#settingReads.find(key, waiting)
    return found?.value ?? null
  }
}
