import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** File of a program in one of PATH's folders; null if there is none that may be run. */
export function findOnPath(program: string): string | null {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
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
