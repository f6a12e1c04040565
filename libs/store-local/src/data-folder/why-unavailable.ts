/** What an operator has to know, by the codes of SQLite and of the operating system; in the order in which they are tried. */
const REASONS: readonly (readonly [codes: RegExp, why: string])[] = [
  [
    /^REMOVED$/,
    'its file was removed or replaced while the server was running; put it back, and start the server again',
  ],
  [
    /^(ENOENT|ENOTDIR)$/,
    'its folder was removed while the server was running; put it back, and start the server again',
  ],
  [/^(SQLITE_FULL|SQLITE_IOERR_(WRITE|SHM)|ENOSPC|EDQUOT)/, 'the disk is full, or cannot be written'],
  [/^(SQLITE_READONLY|SQLITE_PERM|SQLITE_AUTH|EACCES|EPERM|EROFS)/, 'the server may not write its files'],
  [/^(SQLITE_IOERR|SQLITE_CANTOPEN|EIO)/, 'the disk cannot be read or written'],
  [/^(SQLITE_BUSY|SQLITE_LOCKED)/, 'another program holds the database'],
  [/^(EMFILE|ENFILE)$/, 'too many files are open'],
]

/** Words for callers, without a path or a name in them; undefined for a code that says nothing to them. */
export function whyUnavailable(code: string | null | undefined): string | undefined {
  return REASONS.find(([codes]) => codes.test(code ?? ''))?.[1]
}
