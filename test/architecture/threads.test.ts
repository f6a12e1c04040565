import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')

/** A folder with sides: `main/`, and `thread/` or `...-thread/`. */
const WITH_SIDES = [
  'libs/engine/src',
  'libs/store-local/src/records',
  'libs/store-local/src/descriptor-index',
]

/** This file looks at a data folder from outside, without the thread, and reads rows as the thread does. */
const READS_ROWS_ITSELF = 'libs/store-local/src/records/main/sqlite-inspector.ts'

interface Import {
  readonly from: string
  readonly to: string
}

/** Imports that are there when the program runs: types are gone by then. */
function importsIn(file: string): readonly Import[] {
  const text = readFileSync(join(root, file), 'utf8')
  return [...text.matchAll(/^(?:import|export) (?!type\b)(?:([^'{]*\{[^}]*\}) from )?'(\.[^']+)'/gm)]
    .filter(([, names]) => names === undefined || namesOf(names).some((name) => !name.startsWith('type ')))
    .map(([, , path = '']) => ({ from: file, to: join(dirname(file), path) }))
}

function namesOf(braces: string): readonly string[] {
  const names = braces.replace(/.*\{|\}/gs, '').split(',')
  return names.map((name) => name.trim()).filter((name) => name !== '')
}

function sourcesIn(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => join(folder, file))
}

describe.each(WITH_SIDES)('%s', (folder) => {
  const sideOf = (file: string): string => relative(folder, file).split('/')[0] ?? ''
  const imports = sourcesIn(folder).flatMap(importsIn)
  const across = imports.filter(({ from, to }) => sideOf(from) !== sideOf(to))
  const isThread = (side: string): boolean => /^(.+-)?thread$/.test(side)

  it('has a main side, and at least one of a thread', () => {
    const sides = new Set(sourcesIn(folder).map(sideOf))
    expect(sides).toContain('main')
    expect([...sides].filter(isThread)).not.toEqual([])
  })

  it('has no file outside a thread folder that imports from it', () => {
    const wrong = across.filter(({ from, to }) => isThread(sideOf(to)) && from !== READS_ROWS_ITSELF)
    expect(wrong).toEqual([])
  })

  it('has none but its own entry outside main that imports from main', () => {
    const wrong = across.filter(({ from, to }) => sideOf(to) === 'main' && sideOf(from) !== 'index.ts')
    expect(wrong).toEqual([])
  })
})
