import stringWidth from 'string-width'
import { describe, expect, it } from 'vitest'
import { printable, tableLines } from './table.ts'

const columns = [
  { title: 'name', isCuttable: true },
  { title: 'id' },
  { title: 'distance', align: 'right' },
] as const
const id = '01936a5c-7e1d-7c3a-9f52-6d0a4b1c8e77'

describe('tableLines', () => {
  it('gives every column the room that it needs where nothing limits it', () => {
    expect(tableLines(columns, [['Ada Lovelace', 'x', '0.5']], Number.POSITIVE_INFINITY)).toEqual([
      'name          id  distance',
      'Ada Lovelace  x        0.5',
    ])
  })

  it('cuts texts and leaves ids whole where the terminal is narrow', () => {
    const lines = tableLines(columns, [['Ada '.repeat(30), id, '0.5']], 70)
    expect(lines.every((line) => stringWidth(line) <= 70)).toBe(true)
    expect(lines[1]).toContain(id)
    expect(lines[1]).toContain('…')
  })

  it('keeps as much of a text as its column wants, though the terminal is narrower', () => {
    const name = '/home/ada/photos --pattern {person}_{n}.jpg'
    const [, line] = tableLines(
      [{ title: 'name', isCuttable: true, least: 48 }, { title: 'id' }],
      [[name, id]],
      60,
    )
    expect(line).toContain(name)
    expect(line).toContain(id)
  })

  it('counts letters that are two columns wide', () => {
    const [, first, second] = tableLines(columns, [
      ['李四', 'x', '1'],
      ['Ada', 'x', '1'],
    ])
    expect(stringWidth(first ?? '')).toBe(stringWidth(second ?? ''))
  })

  it('lets no escape sequence and no turned letter through', () => {
    expect(printable('a\u001b[2Jb\nc\u202ed')).toBe('a\ufffd[2Jb\ufffdc\ufffdd')
  })
})
