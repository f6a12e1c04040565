import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { SourceFault } from '../source-fault.ts'

/** The unpacked bytes of a gzip of one or several members. Faults: `truncated`, `damaged`, and those of the pieces. */
export async function* gunzip(pieces: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  const unpacking = createGunzip()
  // What goes wrong in it goes wrong in `unpacking`, too, which is read below.
  pipeline(pieces, unpacking).catch(() => {})
  try {
    yield* unpacking
  } catch (error) {
    throw faultOf(error)
  }
}

function faultOf(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error
  if (error.code === 'Z_BUF_ERROR') return new SourceFault('truncated', 'the gzip ends before its end', error)
  const isZlib = typeof error.code === 'string' && error.code.startsWith('Z_')
  return isZlib
    ? new SourceFault('damaged', 'the gzip is damaged: its checksum or its codes are wrong', error)
    : error
}
