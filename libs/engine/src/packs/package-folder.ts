import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { z } from 'zod'

const packageSchema = z.object({ name: z.string().optional() })

/** The folder in which an installed npm package lies. Found through its entry point, because packages need not
 *  export their other files. Throws Node's `MODULE_NOT_FOUND` when it is not installed. */
export function packageFolder(name: string): string {
  let folder = dirname(createRequire(import.meta.url).resolve(name))
  while (!isFolderOf(folder, name)) {
    const parent = dirname(folder)
    if (parent === folder) throw new Error(`The folder of the package ${name} was not found.`)
    folder = parent
  }
  return folder
}

/** A package may hold further `package.json` files without a name, for its module format. */
function isFolderOf(folder: string, name: string): boolean {
  const file = join(folder, 'package.json')
  return existsSync(file) && packageSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).name === name
}
