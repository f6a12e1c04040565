export type JudgedPath =
  | { readonly kind: 'path'; readonly path: string }
  /** What a system put there for itself; nobody wants to hear of it. */
  | { readonly kind: 'passed-over' }
  | { readonly kind: 'refused'; readonly why: string }

/** A path is the key of its row, and keys have at most so many characters (`MAX_KEY_LENGTH` of the API). */
const MAX_PATH_LENGTH = 512

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The path of a file in an archive or folder, with `/` between folders. Never used to open a file as it stands. */
export function judgePath(bytes: Uint8Array): JudgedPath {
  const text = textOf(bytes)
  if (text === null) return refused('has a name that is not UTF-8')
  if (text.length > MAX_PATH_LENGTH) return refused(`has a name of more than ${MAX_PATH_LENGTH} characters`)
  if (/\p{Cc}/u.test(text)) return refused('has a name with control characters')
  const parts = text.split('/').filter((part) => part !== '' && part !== '.')
  if (text.startsWith('/') || /^[a-z]:/i.test(parts[0] ?? '')) return refused('has an absolute path')
  if (parts.includes('..')) return refused('has a path that leads outside')
  if (parts.length === 0) return { kind: 'passed-over' }
  return isSystemFile(parts) ? { kind: 'passed-over' } : { kind: 'path', path: parts.join('/') }
}

function refused(why: string): JudgedPath {
  return { kind: 'refused', why }
}

function textOf(bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes)
  } catch {
    return null
  }
}

const SYSTEM_FILES = new Set(['.ds_store', 'thumbs.db', 'desktop.ini'])

/** `._photo.jpg` is where macOS puts what other file systems have no place for; it looks like a second photo. */
function isSystemFile(parts: readonly string[]): boolean {
  const name = parts.at(-1) ?? ''
  return parts[0] === '__MACOSX' || SYSTEM_FILES.has(name.toLowerCase()) || name.startsWith('._')
}
