import { type Dirent, existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { FixedFile } from '../docs/fixed-file.ts'

/**
 * Scripts, styles and calls come from this server alone, and nothing may frame the page, or send its forms elsewhere.
 * Crops and photos that are still to be sent are `blob:`, small drawings in styles `data:`.
 */
const PAGE_HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  // A picture may be taken with the webcam; nothing else of the machine is asked for.
  'Permissions-Policy': 'camera=(self), microphone=(), geolocation=(), payment=(), usb=()',
}

/** The name of an asset tells its content, so a copy of it is right for good. */
const ASSET_HEADERS = { 'Cache-Control': 'public, max-age=31536000, immutable' }

/** The kinds of files that Vite writes; others, such as source maps, are not served. */
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
}

const PAGE = 'index.html'

/**
 * The built console. Its files are read once, at the start: no path of a request ever reaches the file system, and a page
 * that was opened finds its scripts also when somebody builds another one into the folder meanwhile. They are a megabyte.
 */
export interface ConsoleFiles {
  readonly page: FixedFile
  /** By name; they lie under `/assets/`. */
  readonly assets: ReadonlyMap<string, FixedFile>
  /** By name; they lie beside the page, such as an icon. */
  readonly beside: ReadonlyMap<string, FixedFile>
}

/** Whether the folder has a built console. */
export function isConsoleBuilt(folder: string): boolean {
  return existsSync(join(folder, PAGE))
}

/**
 * Null if there is no built console in the folder.
 * @param prefix path below which a proxy shows this server
 */
export function openConsoleFiles(folder: string, prefix: string): ConsoleFiles | null {
  const html = readIfThere(join(folder, PAGE))
  if (html === null) return null
  return {
    page: new FixedFile(
      'text/html; charset=utf-8',
      () => Buffer.from(placeBelow(prefix, html)),
      PAGE_HEADERS,
    ),
    assets: filesIn(join(folder, 'assets'), ASSET_HEADERS),
    beside: filesIn(folder, {}),
  }
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

function filesIn(folder: string, headers: Readonly<Record<string, string>>): ReadonlyMap<string, FixedFile> {
  return new Map(
    entriesOf(folder).flatMap((entry) => {
      const contentType = entry.isFile() ? CONTENT_TYPES[extname(entry.name)] : undefined
      if (contentType === undefined) return []
      const file = new FixedFile(contentType, constantly(readFileSync(join(folder, entry.name))), headers)
      return [[entry.name, file] as const]
    }),
  )
}

function constantly<T>(value: T): () => T {
  return () => value
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

function isMissing(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : null
  return code === 'ENOENT' || code === 'ENOTDIR'
}

/**
 * The page is one for all its addresses, such as `/people/ID`, so what it loads is named from the root. Its script finds
 * the prefix in `<meta name="semblance-prefix">`.
 */
function placeBelow(prefix: string, html: string): string {
  const path = prefix.replaceAll('&', '&amp;').replaceAll('"', '&quot;')
  return html
    .replace(/\b(src|href)="\.?\/(?!\/)/g, (_all, name) => `${name}="${path}/`)
    .replace('<head>', () => `<head>\n<meta name="semblance-prefix" content="${path}">`)
}
