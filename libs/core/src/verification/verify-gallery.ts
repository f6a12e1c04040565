import { checkDescriptor, type DescriptorKind } from '../descriptor.ts'
import type { ImageId } from '../ids.ts'
import { faultOfPicture } from '../images/read-picture.ts'
import type { ImageStore } from '../ports/image-store.ts'
import type { FileFault, InspectedRecord, RecordInspector, RecordKind } from '../ports/record-inspector.ts'
import type { Waiting } from '../ports/waiting.ts'
import type { Finding, FindingKind } from './finding.ts'
import { readFailing, textOf } from './read-failing.ts'
import { type StagedPictures, verifyStaged } from './verify-staged.ts'

export interface Verified {
  /** Those that are there, as of images, groups and imports; what is left of deleted and merged ones is looked at, and not counted. */
  readonly persons: number
  readonly images: number
  readonly groups: number
  readonly replies: number
  readonly imports: number
  readonly importRows: number
  /** Pictures that wait for their row of an import, read and compared with it. */
  readonly staged: number
  /** Pictures read and compared with their records. */
  readonly pictures: number
  /** Pictures without a record that are kept aside. */
  readonly setAside: number
}

export interface VerifyGalleryOptions extends Waiting {
  readonly records: RecordInspector
  readonly pictures: Pick<ImageStore, 'get' | 'list' | 'listSetAside'>
  /** Pictures that wait for their row of an import. */
  readonly staged: StagedPictures
  /** Where an operator finds a picture: a path, or what stands for one. */
  readonly placeOf: (id: ImageId) => string
  /** What the index compares; a descriptor of another kind is found by nobody. */
  readonly descriptors: DescriptorKind
  readonly onFinding: (finding: Finding) => void
  /** Pictures compared so far. */
  readonly onProgress?: (pictures: number) => void
}

const RECORDS = 500
const PICTURES = 2_000

const FILE_FINDINGS = { damaged: 'database-damaged', counts: 'counts-wrong' } as const satisfies Record<
  FileFault['what'],
  FindingKind
>

/** States of persons, images, groups and imports that are deleted or were merged, or are about to go. */
const DELETED: ReadonlySet<string> = new Set(['deleting', 'gone', 'erased', 'merged'])

type Tally = { -readonly [Key in keyof Verified]: Verified[Key] }
interface Verifying {
  readonly options: VerifyGalleryOptions
  readonly tally: Tally
}

/**
 * Looks at every record and reads every picture, and changes nothing. A server may be at work on them: what differs for
 * a moment only is looked at twice. A store that fails is a finding, and the others are looked at all the same.
 */
export async function verifyGallery(options: VerifyGalleryOptions): Promise<Verified> {
  const records = { persons: 0, images: 0, groups: 0, replies: 0, imports: 0, importRows: 0 }
  const tally: Tally = { ...records, staged: 0, pictures: 0, setAside: 0 }
  const verifying = { options, tally }
  const stage = async (work: () => Promise<void>) => {
    try {
      await work()
    } catch (fault) {
      options.signal?.throwIfAborted()
      options.onFinding({ finding: 'store-unreachable', id: null, place: null, why: textOf(fault) })
    }
  }
  await stage(async () => {
    for (const { what, why } of await options.records.checkFile(options))
      options.onFinding({ finding: FILE_FINDINGS[what], id: null, place: null, why })
  })
  await stage(() => verifyRecords(verifying, 'person', 'persons'))
  await stage(() => verifyRecords(verifying, 'group', 'groups'))
  await stage(() => verifyRecords(verifying, 'reply', 'replies'))
  await stage(() => verifyRecords(verifying, 'import', 'imports'))
  await stage(() => verifyImportRows(verifying))
  await stage(() => verifyImages(verifying))
  await stage(() => verifyPictures(verifying))
  return tally
}

async function verifyRecords(
  verifying: Verifying,
  kind: Exclude<RecordKind, 'image' | 'import-row'>,
  counted: 'persons' | 'groups' | 'replies' | 'imports',
): Promise<void> {
  await eachRecord(verifying, kind, async (records) => {
    verifying.tally[counted] += records.filter(({ state }) => isCounted(state)).length
    tellUnreadable(verifying, kind, records)
  })
}

async function verifyImportRows(verifying: Verifying): Promise<void> {
  const { options, tally } = verifying
  let before: string | null = null
  await eachRecord(verifying, 'import-row', async (records) => {
    tally.importRows += records.length
    tellUnreadable(verifying, 'import-row', records)
    for (const record of records) {
      if (await verifyStaged(options, { record, before })) tally.staged++
      before = record.id
    }
  })
}

async function verifyImages(verifying: Verifying): Promise<void> {
  const { options, tally } = verifying
  await eachRecord(verifying, 'image', async (records) => {
    tally.images += records.filter(({ state }) => isCounted(state)).length
    tellUnreadable(verifying, 'image', records)
    const ready = records.filter(({ state, image }) => state === 'ready' && image !== null)
    const ids = ready.map(({ image }) => image?.personId ?? '')
    const owners = await options.records.findStates({ kind: 'person', ids }, options)
    for (const record of ready) {
      if (!isThere(owners.get(record.image?.personId ?? ''))) await tellOrphan(verifying, record)
      tellUnusable(verifying, record)
      await verifyPicture(verifying, record)
    }
    options.onProgress?.(tally.pictures)
  })
}

/** All records of a kind, a batch at a time. */
async function eachRecord(
  { options }: Verifying,
  kind: RecordKind,
  look: (records: readonly InspectedRecord[]) => Promise<void>,
): Promise<void> {
  let after: string | null = null
  for (;;) {
    options.signal?.throwIfAborted()
    const records: readonly InspectedRecord[] = await options.records.list(
      { kind, after, limit: RECORDS },
      options,
    )
    const last = records.at(-1)
    if (last === undefined) return
    await look(records)
    after = last.id
  }
}

function tellUnreadable({ options }: Verifying, kind: RecordKind, records: readonly InspectedRecord[]): void {
  for (const { id, why } of records)
    if (why !== null) options.onFinding({ finding: `${kind}-unreadable`, id, place: null, why })
}

/** An image goes a moment before its person, so the person is judged only if the image is still there. */
async function tellOrphan(verifying: Verifying, { id, image }: InspectedRecord): Promise<void> {
  const { options } = verifying
  if (!(await isStillReady(verifying, id))) return
  const why = `its person ${image?.personId ?? ''} is not there`
  options.onFinding({ finding: 'image-of-nobody', id, place: null, why })
}

function tellUnusable({ options }: Verifying, { id, image }: InspectedRecord): void {
  if (image === null || image.descriptor === null) return
  try {
    checkDescriptor(image.descriptor, options.descriptors)
  } catch (error) {
    options.onFinding({ finding: 'descriptor-unusable', id, place: null, why: textOf(error) })
  }
}

async function verifyPicture(verifying: Verifying, { id, image }: InspectedRecord): Promise<void> {
  if (image === null) return
  const { options, tally } = verifying
  const look = async () => {
    const picture = await options.pictures.get(id as ImageId, options)
    return picture === null ? 'missing' : await faultOfPicture(picture, image, options)
  }
  const found = await readFailing(look, options)
  if (found === null) tally.pictures++
  else if (await isStillReady(verifying, id)) {
    const of = aboutPicture(options, id)
    if (found === 'missing')
      options.onFinding({ finding: 'picture-missing', ...of, why: 'there is no such picture' })
    else options.onFinding({ finding: 'picture-damaged', ...of, why: found })
  }
}

function aboutPicture({ placeOf }: VerifyGalleryOptions, id: string): { id: string; place: string } {
  return { id, place: placeOf(id as ImageId) }
}

async function verifyPictures({ options, tally }: Verifying): Promise<void> {
  const { pictures, records } = options
  for (let after: ImageId | null = null; ; ) {
    const ids: readonly ImageId[] = await pictures.list({ after, limit: PICTURES, untouchedMs: 0 }, options)
    if (ids.length === 0) break
    const states = await records.findStates({ kind: 'image', ids }, options)
    for (const id of ids) {
      const state = states.get(id)
      const of = aboutPicture(options, id)
      if (state === undefined)
        options.onFinding({ finding: 'picture-without-record', ...of, why: 'no record speaks of it' })
      else if (state === 'gone' || state === 'erased')
        options.onFinding({
          finding: 'picture-of-deleted',
          ...of,
          why: 'its record says that it was deleted',
        })
    }
    after = ids.at(-1) ?? null
  }
  for (let after: ImageId | null = null; ; ) {
    const query = { after, limit: PICTURES, untouchedMs: 0 }
    const ids: readonly ImageId[] = await pictures.listSetAside(query, options)
    if (ids.length === 0) return
    tally.setAside += ids.length
    after = ids.at(-1) ?? null
  }
}

async function isStillReady({ options }: Verifying, id: string): Promise<boolean> {
  const states = await options.records.findStates({ kind: 'image', ids: [id] }, options)
  return states.get(id) === 'ready'
}

/** A person in any state but the last has its record, and whoever erases it erases its images first. */
function isThere(state: string | undefined): boolean {
  return state !== undefined && state !== 'gone'
}

/** Whatever else a record says, of a damaged one too, it counts as there. */
function isCounted(state: string): boolean {
  return !DELETED.has(state)
}
