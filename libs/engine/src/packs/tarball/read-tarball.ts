import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { type Extract, extract } from 'tar-stream'

/** No tarball of a network is larger unpacked; one that is would unpack for a very long time. */
const MOST_UNPACKED_BYTES = 2 ** 30

/** A file that is wanted of a tarball: its path in it, and its length. */
export interface WantedFile {
  readonly path: string
  readonly bytes: number
}

/** The wanted files of a `.tgz`, by their path; nothing is written. A file that is not in it is not in the answer.
 *  Throws an error that says in words what is wrong: a path that leads outside, a wanted file of another length or
 *  kind, an archive that is damaged or larger than any real one. */
export async function readTarball(
  tarball: string,
  wanted: readonly WantedFile[],
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, Buffer>> {
  const unpacking = extract()
  const feeding = pipeline(createReadStream(tarball), createGunzip(), bounded, unpacking, { signal })
  // What goes wrong in it destroys `unpacking`, which is read here.
  feeding.catch(() => {})
  const found = new Map<string, Buffer>()
  try {
    for await (const entry of unpacking) {
      const { name } = entry.header
      if (isOutside(name)) throw new Error(`it has an entry whose path leads outside: '${name}'`)
      const file = wanted.find(({ path }) => path === name)
      if (file === undefined) entry.resume()
      else found.set(name, await contentsOf(entry, file))
    }
    await feeding
  } catch (fault) {
    signal?.throwIfAborted()
    throw fault
  } finally {
    unpacking.destroy()
  }
  return found
}

async function* bounded(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let bytes = 0
  for await (const piece of pieces) {
    bytes += piece.length
    if (bytes > MOST_UNPACKED_BYTES) throw new Error(`it has more than ${MOST_UNPACKED_BYTES} bytes unpacked`)
    yield piece
  }
}

function isOutside(name: string): boolean {
  const parts = name.split(/[/\\]/)
  return name.startsWith('/') || /^[a-z]:/i.test(name) || parts.includes('..')
}

type Entry = Extract extends AsyncIterable<infer Each> ? Each : never

async function contentsOf(entry: Entry, { path, bytes }: WantedFile): Promise<Buffer> {
  const { type, size } = entry.header
  if (type !== 'file') throw new Error(`it has no file ${path}, but a ${type} of that name`)
  // Compared before anything is read, so that no header makes us hold more than the pack says.
  if (size !== bytes) throw new Error(`it has ${path} with ${size ?? 0} bytes instead of ${bytes}`)
  const pieces: Buffer[] = []
  for await (const piece of entry as AsyncIterable<Buffer>) pieces.push(piece)
  return Buffer.concat(pieces)
}
