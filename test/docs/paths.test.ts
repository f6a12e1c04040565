import { posix } from 'node:path'
import { expect, it } from 'vitest'
import { anchorsOf, type Page, type Piece, pages, placed } from './pages.ts'
import { files, folders, read } from './repository.ts'

/** Of the data folder and of buckets, what the set-up makes, and a file that the reader is told to make. */
const OUTSIDE: readonly string[] = [
  'pictures/',
  'staged/',
  'set-aside/',
  'pictures/set-aside',
  'models/.cache',
  'node_modules/.cache',
  'who.mjs',
]
const SOURCE = /\.(ts|mjs|md|json|go)$/
const TOP = new Set([...files, ...folders].map((path) => path.split('/')[0] ?? ''))

it('finds pages to look at', () => {
  expect(pages.length).toBeGreaterThan(30)
})

it.each(pages)('$file links to pages and headings that exist', (page) => {
  expect(page.links.filter((link) => !isTarget(page, link.text)).map((link) => placed(page, link))).toEqual(
    [],
  )
})

it.each(pages)('$file names files and folders that exist', (page) => {
  const missing = page.codes.filter((code) => isPath(code) && !exists(page, code.text))
  expect(missing.map((code) => placed(page, code))).toEqual([])
})

it('each page of docs ends with the files that hold what it says', () => {
  const prose = pages.filter(({ file }) => /^docs\/[^/]+\.md$/.test(file) && file !== 'docs/glossary.md')
  const without = prose.filter(
    ({ text }) => !/^The code is in /.test(text.trimEnd().split('\n\n').at(-1) ?? ''),
  )
  expect(without.map(({ file }) => file)).toEqual([])
})

it('each decision is listed, has its five parts, and ends with its files', () => {
  const parts = ['Context', 'Decision', 'What was measured', 'Doubts', 'When to look again']
  const list = read('docs/decisions/README.md')
  const decisions = pages.filter(({ file }) => /^docs\/decisions\/(?!README)/.test(file))
  expect(decisions.length).toBeGreaterThan(4)
  for (const { file, text } of decisions) {
    expect(list, file).toContain(`](${posix.basename(file)})`)
    expect(text.match(/(?<=^## ).*$/gm), file).toEqual(parts)
    expect(text.trimEnd().split('\n\n').at(-1), file).toMatch(/^The code is in /)
  }
})

it('the glossary explains every word that links to it, in at most 60 entries', () => {
  const entries = (read('docs/glossary.md').match(/(?<=^\| )[^|]+(?= \|)/gm) ?? []).slice(1)
  expect(entries.length).toBeLessThanOrEqual(60)
  const words = entries.flatMap((entry) => entry.split(', '))
  const unexplained = pages.flatMap((page) =>
    [...page.text.matchAll(/\[([^\]]+)\]\([^)]*glossary\.md\)/g)]
      .map(([, text = '']) => text.toLowerCase())
      .filter((text) => text !== 'glossary' && !words.some((word) => text.startsWith(word))),
  )
  expect(unexplained).toEqual([])
})

it('comments cite no page that is not in the repository', () => {
  const cited = files
    .filter((file) => /\.(ts|mjs|go)$/.test(file))
    .flatMap((file) =>
      (read(file).match(/^\s*(\/?\*|\/\/).*$/gm) ?? [])
        .flatMap(
          (line) => line.match(/[\w./-]+\.md\b|\bsection \d[\d.]* of the\b|\bcontract, section\b/g) ?? [],
        )
        .filter((name) => !files.includes(name))
        .map((name) => `${file} ${name}`),
    )
  expect(cited).toEqual([])
})

function isTarget(page: Page, link: string): boolean {
  if (/^[a-z]+:/.test(link)) return true
  const [path = '', anchor] = link.split('#')
  const file = path === '' ? page.file : posix.normalize(posix.join(page.folder, path))
  if (!files.includes(file) && !folders.has(file.replace(/\/$/, ''))) return false
  const target = pages.find((candidate) => candidate.file === file)
  return anchor === undefined || (target !== undefined && anchorsOf(target).has(anchor))
}

/** Looks like a path of this repository: from its top, of a source file, or of a folder. */
function isPath({ text }: Piece): boolean {
  if (!/^[\w.*-]+(\/[\w.*-]+)*\/?$/.test(text) || OUTSIDE.includes(text)) return false
  const isBelowTop = text.includes('/') && TOP.has(text.split('/')[0] ?? '')
  return isBelowTop || SOURCE.test(text) || text.endsWith('/')
}

/**
 * From the top, or from the page's folder. In the README of a workspace also anywhere in that workspace, elsewhere
 * anywhere: a page may leave out the folders that its reader knows.
 */
function exists(page: Page, text: string): boolean {
  const path = text.replace(/\/$/, '')
  const among = text.endsWith('/') ? [...folders] : [...files, ...folders]
  if (among.some((known) => isSame(known, path) || isSame(known, posix.join(page.folder, path)))) return true
  const [workspace] = /^(libs|apps)\/[^/]+\//.exec(page.file) ?? ['']
  return among.some((known) => known.startsWith(workspace) && endsWith(known, path))
}

function isSame(known: string, path: string): boolean {
  return path.includes('*') ? globOf(path, '^').test(known) : known === path
}

function endsWith(known: string, path: string): boolean {
  return path.includes('*') ? globOf(path, '(^|/)').test(known) : known.endsWith(`/${path}`)
}

/** A `*` stands for anything but a `/`. */
function globOf(path: string, begin: string): RegExp {
  return new RegExp(`${begin}${path.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`)
}
