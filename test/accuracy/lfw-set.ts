import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** One photo of Labeled Faces in the Wild. */
export interface Photo {
  readonly person: string
  readonly path: string
}

export interface PhotoPair {
  readonly one: Photo
  readonly other: Photo
  readonly isMated: boolean
}

/**
 * The identification protocol: people with several photos are enrolled by their first one and searched by the
 * others; people with a single photo are searched though nobody enrolled them.
 */
export interface LfwSet {
  readonly enrolled: readonly Photo[]
  readonly mated: readonly Photo[]
  readonly nonMated: readonly Photo[]
  /** The set's own pairs for one-to-one comparison, mated first. */
  readonly pairs: readonly PhotoPair[]
}

/** @param limit of people, evenly drawn; the pairs are then those among their photos */
export async function readLfwSet(folder: string, limit = Number.POSITIVE_INFINITY): Promise<LfwSet> {
  const images = join(folder, 'images')
  const everybody = (await readdir(images)).toSorted()
  const step = Math.max(1, everybody.length / limit)
  const people = everybody.filter((_, index) => Math.floor(index % step) === 0).slice(0, limit)
  const albums = await Promise.all(people.map((person) => readAlbum(images, person)))
  const several = albums.filter((album) => album.length > 1)
  const chosen = new Set(albums.flat().map(({ path }) => path))
  const pairs = [...(await readMatedPairs(folder)), ...(await readNonMatedPairs(folder))]
  return {
    enrolled: several.flatMap((album) => album.slice(0, 1)),
    mated: several.flatMap((album) => album.slice(1)),
    nonMated: albums.filter((album) => album.length === 1).flat(),
    pairs: pairs.filter(({ one, other }) => chosen.has(one.path) && chosen.has(other.path)),
  }
}

async function readAlbum(images: string, person: string): Promise<Photo[]> {
  const files = await readdir(join(images, person))
  return files.toSorted().map((file) => ({ person, path: join(images, person, file) }))
}

async function readMatedPairs(folder: string): Promise<PhotoPair[]> {
  const rows = await readRows(join(folder, 'matchpairsDevTest.csv'))
  return rows.map(([name = '', one = '', other = '']) => ({
    one: photoOf(folder, name, one),
    other: photoOf(folder, name, other),
    isMated: true,
  }))
}

async function readNonMatedPairs(folder: string): Promise<PhotoPair[]> {
  const rows = await readRows(join(folder, 'mismatchpairsDevTest.csv'))
  return rows.map(([name = '', one = '', otherName = '', other = '']) => ({
    one: photoOf(folder, name, one),
    other: photoOf(folder, otherName, other),
    isMated: false,
  }))
}

/** Without the line of titles. */
async function readRows(path: string): Promise<string[][]> {
  const [, ...lines] = (await readFile(path, 'utf8')).trim().split(/\r?\n/)
  return lines.map((line) => line.split(','))
}

function photoOf(folder: string, person: string, number: string): Photo {
  const file = `${person}_${number.padStart(4, '0')}.jpg`
  return { person, path: join(folder, 'images', person, file) }
}
