// Whether an `npm ci` that somebody ran themselves has left nothing to install. Runs under any Node, without dependencies.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What npm notes of the packages that it installed, as its last step: an install that was interrupted leaves none. */
const NOTED_BY_NPM = '.package-lock.json'

/**
 * Whether all packages of the lockfile are there, each in its version. Those that are left out on this machine, such as the
 * binaries of others, are the lockfile's optional ones.
 * @param {string} root the folder of the lockfile
 */
export function hasPackages(root) {
  const noted = join(root, 'node_modules', NOTED_BY_NPM)
  if (!existsSync(noted)) return false
  const wanted = packagesOf(join(root, 'package-lock.json'))
  const there = packagesOf(noted)
  if (wanted === null || there === null) return false
  return Object.entries(wanted)
    .filter(([path]) => isInstalled(path))
    .every(([path, one]) => (there[path] === undefined ? one.optional === true : isSame(one, there[path])))
}

/** Null if it cannot be read: then it tells nothing. */
function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))?.packages ?? null
  } catch {
    return null
  }
}

/** The workspaces themselves are not installed, but links to them are. */
function isInstalled(path) {
  return /(^|\/)node_modules\//.test(path)
}

/** Where a package came from may differ, as behind a mirror; its contents may not. */
function isSame(one, other) {
  const fields = one.link === true ? ['link', 'resolved'] : ['version', 'integrity']
  return fields.every((field) => one[field] === other[field])
}
