import { open, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { PackManifest } from './pack-manifest.ts'

/** What `writeOnnx` begins a file with: field 1, the version of the format, and field 2, who made it. */
const VERSION_TAG = 8
const MADE_HERE = Buffer.from('\x12\x09semblance', 'latin1')
const MADE_HERE_AT = 2
const LENGTH = MADE_HERE_AT + MADE_HERE.length

/** A process of the version before may still run from the same folder, or be the one to go back to. */
const KEPT_MS = 30 * 86_400_000

/**
 * Removes networks that were compiled for this pack a month ago or longer, under a name of before: that of a file of the pack
 * with another number, as after an upgrade that compiles them otherwise. What somebody has put there stays, told by its name
 * and its content. So does all in the folder of a pack for which nothing is compiled.
 *
 * @param folder where the pack's networks are; nothing in folders inside is looked at
 */
export async function removeFormerFiles(folder: string, { files }: PackManifest): Promise<void> {
  const named = Object.values(files)
  if (!named.some(({ origin }) => origin.kind === 'compiled' || origin.kind === 'npm-tarball')) return
  const names = new Set(named.map(({ file }) => file))
  const stems = new Set(named.map(({ file }) => stemOf(file)))
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const isNetwork = entry.isFile() && entry.name.endsWith('.onnx')
    if (!isNetwork || names.has(entry.name) || !stems.has(stemOf(entry.name))) continue
    const path = join(folder, entry.name)
    if ((await isOld(path)) && (await isMadeHere(path))) await rm(path, { force: true })
  }
}

/** `judge` of `judge.onnx` and of `judge-2.onnx`. */
function stemOf(file: string): string {
  return file.replace(/(-\d+)?\.onnx$/, '')
}

async function isOld(path: string): Promise<boolean> {
  return Date.now() - (await stat(path)).mtimeMs > KEPT_MS
}

async function isMadeHere(path: string): Promise<boolean> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(LENGTH), 0, LENGTH, 0)
    return (
      bytesRead === LENGTH && buffer[0] === VERSION_TAG && buffer.subarray(MADE_HERE_AT).equals(MADE_HERE)
    )
  } finally {
    await file.close()
  }
}
