import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

/** Made by tools or by running the server, and absent from a fresh clone. */
const NOT_OURS: readonly string[] = ['node_modules', 'dist', '.git', '.cache', 'data']

/** Every file of the repository by its path from the top, with `/` on every system. */
export const files: readonly string[] = filesBelow('')

/** Every folder that holds one of them, at whatever depth. */
export const folders: ReadonlySet<string> = new Set(files.flatMap(foldersAbove))

export function read(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter(({ name }) => !NOT_OURS.includes(name))
    .flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.isDirectory()) return filesBelow(path)
      return entry.isFile() ? [path] : []
    })
}

function foldersAbove(file: string): readonly string[] {
  const parts = file.split('/').slice(0, -1)
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}
