import { describe, expect, it } from 'vitest'
import { notesWith } from './source-notes.ts'

const numbered = (count: number, from = 0) => Array.from({ length: count }, (_, i) => `note ${from + i}`)

describe('notes of a source', () => {
  it('are kept in their order, each once', () => {
    const first = notesWith([], ['a', 'b', 'a'])
    expect(first).toEqual(['a', 'b'])
    expect(notesWith(first, ['b', 'c'])).toEqual(['a', 'b', 'c'])
  })

  it('are at most 20; the last one says if there were more, also once there are none left to come', () => {
    const full = notesWith([], numbered(20))
    expect(full).toEqual(numbered(20))
    const over = notesWith(full, ['more'])
    expect(over).toEqual([...numbered(19), expect.stringContaining('more was noted')])
    expect(notesWith(over, numbered(30))).toEqual(over)
    expect(notesWith(over, [])).toEqual(over)
  })

  it('that are long are cut short, and stay text', () => {
    const [note] = notesWith([], [`${'x'.repeat(498)}\u{1f600}${'y'.repeat(1_000)}`])
    expect(note).toHaveLength(500)
    expect(note?.isWellFormed()).toBe(true)
    expect(notesWith([note!], [`${'x'.repeat(498)}\u{1f600}${'y'.repeat(1_000)}`])).toEqual([note])
  })

  it.each([
    '"https://user:s3cret@a.example/x", "size"',
    '"https://user:s3cret and no end of a name that was cut", "size"',
    '"HTTPS:\\\\\\\\user:s3cret@a.example", "size"',
    '"https:user:s3cret@a.example", "size"',
    '"sftp://us\\"er:s3cret@a.example", "size"',
    '"https://a.example/x?X-Amz-Signature=s3cret", "size"',
  ])('have nothing of a link in them: %s', (names) => {
    const [note] = notesWith([], [`columns that are not read: ${names}`])
    expect(note).not.toContain('s3cret')
    expect(note).toMatch(/^columns that are not read: ".*…", "size"$/)
  })

  it('of a hostile length are kept as quickly', () => {
    const begin = performance.now()
    notesWith([], ['http:'.repeat(200_000), `${'a'.repeat(1_000_000)}`, '://'.repeat(300_000)])
    expect(performance.now() - begin).toBeLessThan(2_000)
  })
})
