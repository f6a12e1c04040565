import { expect, it } from 'vitest'
import type { PackId } from '../ids.ts'
import { notePacksApart } from './packs-apart.ts'

const [OLD, NEW] = ['old@1', 'new@2'] as [PackId, PackId]

it('tells whoever upgrades that the gallery goes on with its pack, how it moves, and how it stays', () => {
  const note = notePacksApart({ serving: OLD, other: null }, NEW)
  expect(note).toMatch(/is of model pack old@1, and goes on with it/)
  expect(note).toContain('run: semblance redescribe --pack new@2.')
  expect(note).toContain('set SEMBLANCE_PACK=old@1.')
})

it('does not ask for a move that was begun, and tells nothing where there is none to make', () => {
  const note = notePacksApart({ serving: OLD, other: NEW }, NEW)
  expect(note).toContain('semblance redescribe status')
  expect(note).not.toContain('--pack')
  expect(notePacksApart({ serving: NEW, other: OLD }, NEW)).toBeNull()
})
