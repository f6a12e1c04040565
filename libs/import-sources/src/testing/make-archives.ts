import { gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'
import { ZipFile } from 'yazl'

export interface MadeEntry {
  readonly path: string
  readonly bytes?: Uint8Array | string
  /** Of a tar only. */
  readonly type?: 'symlink' | 'link' | 'directory' | 'fifo' | 'block-device' | 'character-device'
  /** Of a zip only. */
  readonly mode?: number
}

export async function makeTar(entries: readonly MadeEntry[]): Promise<Buffer> {
  const tar = pack()
  const writing = (async () => {
    for (const { path, bytes = '', type } of entries) {
      await new Promise<void>((resolve, reject) => {
        const done = (error?: Error | null) => (error ? reject(error) : resolve())
        if (type === undefined) tar.entry({ name: path }, Buffer.from(bytes), done)
        else tar.entry({ name: path, type, ...(/link/.test(type) && { linkname: '/etc/passwd' }) }, done)
      })
    }
    tar.finalize()
  })()
  const pieces: Buffer[] = []
  for await (const piece of tar) pieces.push(piece as Buffer)
  await writing
  return Buffer.concat(pieces)
}

export async function makeTarGz(entries: readonly MadeEntry[]): Promise<Buffer> {
  return gzipSync(await makeTar(entries))
}

export async function makeZip(
  entries: readonly MadeEntry[],
  options: { readonly forceZip64Format?: boolean; readonly compress?: boolean } = {},
): Promise<Buffer> {
  const zip = new ZipFile()
  for (const { path, bytes = '', mode = 0o100_644 } of entries) {
    if (path.endsWith('/')) zip.addEmptyDirectory(path)
    else zip.addBuffer(Buffer.from(bytes), path, { ...options, mode })
  }
  zip.end({ forceZip64Format: options.forceZip64Format === true, comment: '' })
  const pieces: Buffer[] = []
  for await (const piece of zip.outputStream) pieces.push(piece as Buffer)
  return Buffer.concat(pieces)
}

/** The same bytes with another text of the same length in place of the first, wherever that stands. */
export function replaced(bytes: Buffer, from: string, to: string | Buffer): Buffer {
  const put = Buffer.from(to)
  const copy = Buffer.from(bytes)
  for (let at = copy.indexOf(from); at !== -1; at = copy.indexOf(from, at + put.length)) put.copy(copy, at)
  return copy
}
