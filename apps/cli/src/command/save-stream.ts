import { randomUUID } from 'node:crypto'
import { link, open, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { CommandFault, wrongUse } from '../server/command-fault.ts'
import { goneAtExit } from './gone-at-exit.ts'

/**
 * Writes the pieces to standard output (`-`), or to a new file, which has its name only once it is whole and on disk.
 * Throws a `CommandFault` if there is such a file already, or none can be made.
 */
export async function saveStream(file: string, pieces: AsyncIterable<Uint8Array>): Promise<void> {
  if (file === '-') {
    await pipeline(pieces, process.stdout, { end: false }).catch((fault) => {
      throw explain(fault, 'standard output')
    })
    return
  }
  const part = `${file}.${randomUUID().slice(0, 8)}.part`
  const hasGone = goneAtExit(part)
  try {
    const target = await open(part, 'wx', 0o600)
    try {
      for await (const piece of pieces) await target.writeFile(piece)
      await target.sync()
    } finally {
      await target.close()
    }
    // Unlike a renaming, it never replaces a file that has come meanwhile.
    await link(part, file)
  } catch (fault) {
    throw explain(fault, file)
  } finally {
    await rm(part, { force: true })
    hasGone()
  }
}

/** Throws if the name is taken, before anything is asked of a server. */
export async function requireNew(file: string): Promise<void> {
  if (file === '-') return
  const there = await open(file, 'r').catch((fault: unknown) => {
    if ((fault as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw explain(fault, file)
  })
  if (there === null) return
  await there.close()
  throw taken(file)
}

function explain(fault: unknown, file: string): unknown {
  const { code, syscall } = fault as NodeJS.ErrnoException
  if (code === 'EEXIST') return taken(file)
  if (fault instanceof CommandFault || syscall === undefined) return fault
  return wrongUse(`${file} cannot be written (${code})`)
}

function taken(file: string): CommandFault {
  return wrongUse(`${file} is there already, and is not overwritten: give another name, or remove it`)
}
