import type { Command } from 'commander'
import { expect, it } from 'vitest'
import { semblanceProgram } from '../../apps/cli/src/program.ts'
import { type Page, type Piece, pages, placed } from './pages.ts'
import { files, folders, read } from './repository.ts'

const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> }
const usages: Readonly<Record<string, string>> = {
  bench: usageIn('test/bench/main.ts'),
  evaluate: usageIn('test/accuracy/evaluate.ts'),
  simulate: usageIn('test/simulate/main.ts'),
}
const semblance = await semblanceProgram()

it.each(pages)('$file names npm scripts that exist, with what they take', (page) => {
  const wrong = commandsOf(page).filter(({ text }) => {
    const [, script = '', given = ''] =
      /\bnpm (?:--\S+ )?(?:run )?(start|test|(?<=run )[\w:-]+)(?: --silent)?(?: -- (.*))?/.exec(text) ?? []
    return script !== '' && !(Object.hasOwn(scripts, script) && isTaken(script, wordsOf(given)))
  })
  expect(wrong.map((piece) => placed(page, piece))).toEqual([])
})

it.each(pages)('$file names tests to run that exist', (page) => {
  const wrong = commandsOf(page).filter(({ text }) => {
    const [, given = ''] = /\bvitest run (.*)/.exec(text) ?? []
    return !wordsOf(given).every(isThere)
  })
  expect(wrong.map((piece) => placed(page, piece))).toEqual([])
})

it.each(pages)('$file names sub-commands of semblance that exist, with options that they take', (page) => {
  const wrong = commandsOf(page).filter(({ text }) => {
    const [, given = ''] = /^semblance ([a-z].*)/.exec(text) ?? []
    return !isCommand(semblance, wordsOf(given))
  })
  expect(wrong.map((piece) => placed(page, piece))).toEqual([])
})

function commandsOf(page: Page): readonly Piece[] {
  return [...page.codes, ...page.blockLines]
}

/** Up to a comment or another command. */
function wordsOf(given: string): readonly string[] {
  const words = given.trim().split(/\s+/)
  const end = words.findIndex((word) => /^[#|&;>\\]/.test(word))
  return words.slice(0, end === -1 ? words.length : end).filter((word) => word !== '')
}

function isTaken(script: string, words: readonly string[]): boolean {
  if (script === 'semblance') return isCommand(semblance, words)
  if (script === 'test') return words.every(isThere)
  const usage = usages[script]
  if (usage === undefined) return words.length === 0
  const named = words.filter((word) => word.startsWith('--') || script === 'bench')
  return named.every((word) => new RegExp(`(^|[^\\w-])${word}\\b`, 'm').test(usage))
}

/** A path of the repository, an option of the test runner, or a word that stands for a path. */
function isThere(word: string): boolean {
  return word.startsWith('-') || /^[<A-Z]/.test(word) || files.includes(word) || folders.has(word)
}

function isCommand(command: Command, words: readonly string[]): boolean {
  const [first = '', ...rest] = words
  const inner = command.commands.find((candidate) => candidate.name() === first)
  if (inner !== undefined) return isCommand(inner, rest)
  const isGroup = command.commands.length > 0
  if (isGroup && first !== '' && !/^[<.-]/.test(first)) return false
  const options = words.filter((word) => word.startsWith('--')).map((word) => word.split('=')[0])
  return options.every((name) => name === '--help' || command.options.some(({ long }) => long === name))
}

function usageIn(file: string): string {
  return /const USAGE = `([^`]*)`/.exec(read(file))?.[1] ?? ''
}
