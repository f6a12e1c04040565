import { resolve } from 'node:path'
import { isMissing, type OpenPackOptions, verifyFile } from './open-pack.ts'
import type { PackFile } from './pack-manifest.ts'
import { packageFolder } from './package-folder.ts'
import { readManifest } from './read-manifest.ts'

export type PackFileState = {
  readonly file: string
  /** missing: it is made from the npm packages when the pack is opened, unless `why` tells that it cannot be. */
  readonly state: 'whole' | 'missing' | 'damaged'
  /** What is wrong with a damaged file, and what to do; of a missing one, why it cannot be made here. */
  readonly why: string | null
}

/** Looks at the files of a pack and makes none. Throws E_PACK_INVALID if the manifest itself cannot be used. */
export async function inspectPack(
  options: Omit<OpenPackOptions, 'onProgress'>,
): Promise<readonly PackFileState[]> {
  const { packsFolder, modelsFolder, packId, signal } = options
  const { manifest, folder } = await readManifest(packsFolder, packId)
  const states: PackFileState[] = []
  for (const file of Object.values(manifest.files)) {
    const path = resolve(modelsFolder, folder, file.file)
    if (await isMissing(path)) {
      states.push({ file: file.file, state: 'missing', why: whyNotMade(file) })
      continue
    }
    const why = await verifyFile({ packId, file, path }, signal).then(
      () => null,
      (fault: Error) => fault.message,
    )
    signal?.throwIfAborted()
    states.push({ file: file.file, state: why === null ? 'whole' : 'damaged', why })
  }
  return states
}

/** Images have no npm packages to make networks from. Whether a tarball can be fetched is known once it is tried. */
function whyNotMade({ origin }: PackFile): string | null {
  if (origin.kind !== 'compiled') return null
  try {
    packageFolder(origin.package)
    return null
  } catch {
    return `the npm package ${origin.package} ${origin.version} is not installed`
  }
}
