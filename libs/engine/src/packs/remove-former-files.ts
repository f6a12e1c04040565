import { open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { PackManifest } from './pack-manifest.ts'

/** What `writeOnnx` begins a file with: field 1, the version of the format, and field 2, who made it. */
const VERSION_TAG = 8
const MADE_HERE = Buffer.from('\x12\x09semblance', 'latin1')
const MADE_HERE_AT = 2
const LENGTH = MADE_HERE_AT + MADE_HERE.length

/**
 * Removes networks that were compiled for this pack and that it does not name any more, as after an upgrade that compiles them
 * otherwise. What somebody has put there stays, told by its content: another file than a network, and a network that was not
 * compiled here. So does all in the folder of a pack for which nothing is compiled.
 *
 * @param folder where the pack's networks are; nothing in folders inside is looked at
 */
export async function removeFormerFiles(folder: string, { files }: PackManifest): Promise<void> {
  const named = Object.values(files)
  if (!named.some(({ origin }) => origin.kind === 'compiled' || origin.kind === 'npm-tarball')) return
  const names = new Set(named.map(({ file }) => file))
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const isNetwork = entry.isFile() && entry.name.endsWith('.onnx')
    if (!isNetwork || names.has(entry.name)) continue
    const path = join(folder, entry.name)
    if (await isMadeHere(path)) await rm(path, { force: true })
  }
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
