import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** File of a program in one of PATH's folders; null if there is none that may be run. */
export function findOnPath(program: string): string | null {
  // biome-ignore lint/style/noProcessEnv: PATH is no setting of ours, and is where each program looks
  const path = process.env.PATH ?? ''
  const folders = path.split(delimiter).filter((folder) => folder !== '')
  return folders.map((folder) => join(folder, program)).find(isProgram) ?? null
}

export function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
