import { CommandFault } from '../server/command-fault.ts'
import { EXIT } from './exit-codes.ts'

/** The disk failed at what was rightly asked for. */
const OF_THE_DISK: ReadonlySet<unknown> = new Set(['EIO', 'ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE'])

/** A file or folder that was named and cannot be used, as a fault for people; anything else as it came. */
export function fileFaultForPeople(fault: unknown): unknown {
  if (!(fault instanceof Error)) return fault
  const { code, path, syscall } = fault as NodeJS.ErrnoException
  if (code === undefined || path === undefined || syscall === undefined) return fault
  const [, why = ''] = /^\w+: ([^,]+),/.exec(fault.message) ?? []
  const exitCode = OF_THE_DISK.has(code) ? EXIT.found : EXIT.wrongUse
  return new CommandFault(`${path} cannot be used: ${why === '' ? code : `${why} (${code})`}`, exitCode)
}
