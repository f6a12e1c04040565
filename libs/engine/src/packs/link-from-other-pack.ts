import { link, readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { makeFolders } from '@semblance/files'
import { type PackFile, type PackManifest, packManifestSchema } from './pack-manifest.ts'
import { sha256Of } from './sha256.ts'

export interface PackFolders {
  readonly packsFolder: string
  readonly modelsFolder: string
}

/**
 * Puts the file at `path` if another pack has the very same network in the models folder, by a hard link: then it costs no time
 * and no disk. False if there is none, or if it is not whole.
 */
export async function linkFromOtherPack(
  file: PackFile,
  path: string,
  folders: PackFolders,
): Promise<boolean> {
  for (const other of await sameFiles(file, folders)) {
    const bytes = await readFile(other).catch(() => null)
    if (bytes !== null && sha256Of(bytes) === file.sha256) return place(other, path)
  }
  return false
}

async function place(from: string, to: string): Promise<boolean> {
  try {
    await makeFolders(dirname(to))
    await link(from, to)
    return true
  } catch (fault) {
    // Another process was faster.
    if ((fault as NodeJS.ErrnoException).code === 'EEXIST') return true
    // Some file systems have no hard links. What cannot be written is told of by whoever makes the file.
    return false
  }
}

async function sameFiles({ sha256 }: PackFile, folders: PackFolders): Promise<readonly string[]> {
  const names = await readdir(folders.packsFolder)
  const found = await Promise.all(
    names.map(async (name) => {
      const manifest = await readIfValid(join(folders.packsFolder, name, 'pack.json'))
      const files = Object.values(manifest?.files ?? {}).filter((file) => file.sha256 === sha256)
      return files.map(({ file }) => join(folders.modelsFolder, name, file))
    }),
  )
  return found.flat()
}

/** What is wrong with another pack is told when that one is opened. */
async function readIfValid(path: string): Promise<PackManifest | null> {
  try {
    return packManifestSchema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch {
    return null
  }
}
