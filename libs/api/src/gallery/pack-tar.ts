import { type Pack, pack } from 'tar-stream'

export interface TarFile {
  /** With `/` between folders. */
  readonly path: string
  readonly bytes: Uint8Array
  readonly changedMs: number
}

/** Written at once: a write for each header would cost more than the file, and a whole picture might take long. */
const PART_BYTES = 65_536

/** Tars end at a multiple of so many bytes; `tar --delete` of GNU loses a file of one that does not. */
const RECORD_BYTES = 10_240

/** A tar of these files in parts of 64 KB, made while it is taken: no file is asked for before those before it are taken. */
export async function* packTar(files: AsyncIterable<TarFile>): AsyncGenerator<Uint8Array> {
  const tar = pack()
  const filling = fill(tar, files)
  try {
    yield* inParts(inRecords(tar as AsyncIterable<Uint8Array>))
  } finally {
    tar.destroy()
    await filling
  }
}

/** Never fails: what goes wrong with a file ends the tar, and whoever reads it hears of it. */
async function fill(tar: Pack, files: AsyncIterable<TarFile>): Promise<void> {
  try {
    for await (const file of files) await put(tar, file)
    tar.finalize()
  } catch (error) {
    tar.destroy(error instanceof Error ? error : new Error('the files of a tar stopped coming'))
  }
}

function put(tar: Pack, { path, bytes, changedMs }: TarFile): Promise<void> {
  const header = { name: path, size: bytes.byteLength, mtime: new Date(changedMs) }
  return new Promise((resolve, reject) => {
    tar.entry(header, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), (error) =>
      error ? reject(error) : resolve(),
    )
  })
}

async function* inRecords(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let length = 0
  for await (const piece of pieces) {
    length += piece.byteLength
    yield piece
  }
  const over = length % RECORD_BYTES
  if (over > 0) yield new Uint8Array(RECORD_BYTES - over)
}

async function* inParts(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = []
  let length = 0
  for await (const piece of pieces) {
    for (let at = 0; at < piece.byteLength; ) {
      const part = piece.subarray(at, at + PART_BYTES - length)
      held.push(part)
      length += part.byteLength
      at += part.byteLength
      if (length < PART_BYTES) continue
      yield Buffer.concat(held)
      held = []
      length = 0
    }
  }
  if (length > 0) yield Buffer.concat(held)
}
