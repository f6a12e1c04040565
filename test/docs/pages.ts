import { posix } from 'node:path'
import { files, read } from './repository.ts'

/** A piece of a page, with the line where it begins, for the message of a test that fails. */
export interface Piece {
  readonly text: string
  readonly line: number
}

export interface Page {
  /** Path from the top of the repository. */
  readonly file: string
  readonly folder: string
  /** As it lies there, without what tells of the past. */
  readonly text: string
  /** What stands between backticks within a line of prose. */
  readonly codes: readonly Piece[]
  /** Lines of fenced blocks. */
  readonly blockLines: readonly Piece[]
  /** Those of blocks in TypeScript, which are about our own code. */
  readonly sourceLines: readonly Piece[]
  /** Targets of links. */
  readonly links: readonly Piece[]
}

/** Every Markdown page of the repository. */
export const pages: readonly Page[] = files.filter((file) => file.endsWith('.md')).map(readPage)

/** The anchors that a page's headings have on GitHub. */
export function anchorsOf(page: Page): ReadonlySet<string> {
  const headings = withoutBlocks(page.text).match(/^#+ .*$/gm) ?? []
  return new Set(headings.map(anchorOf))
}

export function placed(page: Page, { text, line }: Piece): string {
  return `${page.file}:${line} ${text}`
}

function readPage(file: string): Page {
  const text = withoutPast(file, read(file))
  const prose = withoutBlocks(text)
  return {
    file,
    folder: posix.dirname(file),
    text,
    codes: piecesOf(prose, /`([^`]+)`/g),
    blockLines: linesOfBlocks(text, /^ *```.*\n([\s\S]*?)^ *```$/gm),
    sourceLines: linesOfBlocks(text, /^ *```ts\n([\s\S]*?)^ *```$/gm),
    links: piecesOf(prose, /\]\(([^()\s]+)\)/g),
  }
}

/** A change log names what was there once: only what is not released yet, and not removed, must exist. */
function withoutPast(file: string, text: string): string {
  if (file !== 'CHANGELOG.md') return text
  const [unreleased = ''] = text.split(/^## \[\d/m)
  return unreleased.replaceAll(/^### Removed\n[\s\S]*?(?=^##|(?![\s\S]))/gm, blankLines)
}

function withoutBlocks(text: string): string {
  return text.replaceAll(/^ *```[\s\S]*?^ *```$/gm, blankLines)
}

function linesOfBlocks(text: string, block: RegExp): readonly Piece[] {
  return [...text.matchAll(block)].flatMap((match) => {
    const first = lineAt(text, match.index) + 1
    return (match[1] ?? '').split('\n').map((line, index) => ({ text: line, line: first + index }))
  })
}

function piecesOf(text: string, pattern: RegExp): readonly Piece[] {
  return [...text.matchAll(pattern)].map((match) => ({
    text: (match[1] ?? '').replaceAll(/\s+/g, ' '),
    line: lineAt(text, match.index),
  }))
}

function blankLines(text: string): string {
  return text.replaceAll(/[^\n]/g, '')
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length
}

function anchorOf(heading: string): string {
  return heading
    .replace(/^#+ /, '')
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')
}
