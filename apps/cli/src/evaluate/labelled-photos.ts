import { statSync } from 'node:fs'
import { amount, type ComparedQuality, comparedQuality, type FaceEngine, type Sample } from '@semblance/core'
import { readSourceAt, SourceFault, type SourceRow } from '@semblance/import-sources'
import type { Progress } from '../command/progress.ts'
import { type CommandFault, wrongUse } from '../server/command-fault.ts'

/** Pictures at a time, which keep all threads busy while others are decoded. */
const AT_ONCE = 6
/** Two descriptors of each are held, 4 kB, and each probe is compared with each person. */
const MAX_PHOTOS = 100_000
/** Persons with several photos. */
export const LEAST_ALBUMS = 2

/** What was seen of one photo. */
interface Seen {
  /** The path below the folder. */
  readonly file: string
  readonly position: number
  readonly subject: string
  /** As made for a search, and at enrollment. */
  readonly cheap: Described
  readonly rich: Described
}

/** What a search goes by; `descriptor`: null without a face. */
type Described = Pick<Sample, 'descriptor'> & ComparedQuality

export interface LabelledPhotos {
  readonly persons: number
  readonly photos: number
  /** Paths below the folder of photos without a face. */
  readonly withoutFace: readonly string[]
  /** Of files that are no pictures, or not readable. */
  readonly unreadable: readonly string[]
  readonly enrolled: readonly Sample[]
  readonly mated: readonly Sample[]
  readonly nonMated: readonly Sample[]
}

interface Describing {
  readonly engine: FaceEngine
  readonly progress: Progress
  readonly signal: AbortSignal
  /** Files of the folder, as `requireAlbums` counted them. */
  readonly total: number
}

/**
 * Answers how many files the folder has. Throws a `CommandFault` unless it may hold what is measured: the networks are not loaded,
 * and no photo is described, for a folder that is mistyped.
 */
export async function requireAlbums(folder: string, signal: AbortSignal): Promise<number> {
  const files = new Map<string, number>()
  const total = await countFiles(folder, signal, (path) => {
    // The folder that a photo lies in is its person.
    const person = path.split('/').at(-2)
    if (person !== undefined) files.set(person, (files.get(person) ?? 0) + 1)
  }).catch((fault: unknown) => {
    throw forPeople(folder, fault)
  })
  const several = [...files.values()].filter((count) => count > 1).length
  if (total > MAX_PHOTOS) throw wrongUse(`${folder} has ${total} files, and ${MAX_PHOTOS} are the most`)
  if (several < LEAST_ALBUMS) throw tooFew(folder, several)
  return total
}

export function tooFew(folder: string, persons: number): CommandFault {
  return wrongUse(
    `${folder} has ${amount(persons, 'person')} with several photos, and ${LEAST_ALBUMS} are the least: it must have a folder for each person`,
  )
}

function forPeople(folder: string, fault: unknown): unknown {
  if (!(fault instanceof SourceFault)) return fault
  return wrongUse(isFile(folder) ? `${folder} is no folder` : `${folder}: ${fault.message}`)
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true
}

/**
 * Describes all photos below a folder that has one folder for each person, in the order of their names. The first photo of
 * whoever has several is for the gallery. Throws a `CommandFault` for a folder that cannot be read.
 */
export async function describeLabelled(folder: string, work: Describing): Promise<LabelledPhotos> {
  try {
    return await describeAll(folder, work)
  } catch (fault) {
    throw forPeople(folder, fault)
  }
}

async function countFiles(
  folder: string,
  signal: AbortSignal,
  note: (path: string) => void,
): Promise<number> {
  let files = 0
  const only = async (path: string) => {
    files++
    note(path)
    return false
  }
  for await (const _none of readSourceAt(folder, { layout: { by: 'folders' }, only, signal }));
  return files
}

async function describeAll(folder: string, work: Describing): Promise<LabelledPhotos> {
  const items = readSourceAt(folder, { layout: { by: 'folders' }, signal: work.signal })
  const seen: Seen[] = []
  const unreadable: string[] = []
  let done = 0
  const runAll = async () => {
    for await (const item of items) {
      if (item.kind === 'note') continue
      const one = item.kind === 'row' ? await look(item, work) : null
      if (one === null) unreadable.push(item.key)
      else seen.push(one)
      work.progress.update({ done: ++done, total: Math.max(work.total, done) })
    }
  }
  // An asynchronous generator gives each of its readers another item.
  await Promise.all(Array.from({ length: AT_ONCE }, runAll))
  const withoutFace = seen.filter(({ cheap }) => cheap.descriptor === null).map(({ file }) => file)
  return {
    photos: seen.length + unreadable.length,
    withoutFace: withoutFace.toSorted(),
    unreadable: unreadable.toSorted(),
    ...arrange(seen),
  }
}

/** Null for what is no picture. */
async function look(row: SourceRow, { engine, signal }: Describing): Promise<Seen | null> {
  const { picture, person, position, key: file } = row
  if (picture === undefined || !('bytes' in picture)) return null
  const describe = async (effort: 'cheap' | 'rich'): Promise<Described | undefined> => {
    const request = { faces: 'central', effort, crop: null } as const
    const report = await engine.findFaces(picture.bytes, request, { lane: 'bulk', signal })
    if (report.outcome !== 'faces')
      return report.outcome === 'no-face' ? { descriptor: null, ...comparedQuality(undefined) } : undefined
    const [{ descriptor, quality }] = report.faces
    return { descriptor: descriptor.values, ...comparedQuality(quality) }
  }
  const [cheap, rich] = [await describe('cheap'), await describe('rich')]
  if (cheap === undefined || rich === undefined) return null
  return { file, position, subject: row.name ?? JSON.stringify(person), cheap, rich }
}

function arrange(seen: readonly Seen[]): Pick<LabelledPhotos, 'persons' | 'enrolled' | 'mated' | 'nonMated'> {
  const inOrder = seen.toSorted((one, other) => one.position - other.position)
  const albums = [...Map.groupBy(inOrder, ({ subject }) => subject).values()]
  const several = albums.filter((album) => album.length > 1)
  const probes = (photos: readonly Seen[]) =>
    photos.map(({ subject, cheap }): Sample => ({ subject, ...cheap }))
  return {
    persons: albums.length,
    enrolled: several.flatMap(([first]) =>
      first === undefined ? [] : [{ subject: first.subject, ...first.rich }],
    ),
    mated: probes(several.flatMap((album) => album.slice(1))),
    nonMated: probes(albums.filter((album) => album.length === 1).flat()),
  }
}
