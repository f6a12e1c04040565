import { createHash } from 'node:crypto'
import type { SourceItem } from '@semblance/import-sources'
import { describe, expect, it } from 'vitest'
import { emptySent, sendRows } from './send-rows.ts'

const person = { by: 'key', key: 'p' } as const
const row = (key: string, position: number, name = 'Ada') =>
  ({ kind: 'row', key, position, person, name }) as const

/** Takes rows as the server does, by their keys; `lines` is what it was sent. */
function serverWith(
  known: ReadonlyMap<string, string> = new Map(),
  pictures: ReadonlyMap<string, string> = new Map(),
) {
  const taken = new Map(known)
  const lines: { key: string; sourceProblem?: { field: string; message: string } }[] = []
  const asked: string[] = []
  const calls = {
    knownRows: async (_id: string, keys: readonly string[]) => {
      asked.push(...keys)
      return new Map(keys.filter((key) => taken.has(key)).map((key) => [key, pictures.get(key) ?? null]))
    },
    addRows: async (_id: string, text: string) => {
      const tally = { added: 0, known: 0, invalid: 0, conflicts: 0 }
      const wrong: { key: string; position: number; field: string; msg: string }[] = []
      for (const [i, line] of text.trim().split('\n').entries()) {
        const sent = JSON.parse(line)
        lines.push(sent)
        const there = taken.get(sent.key)
        const position = i + 1
        // A wrong row is kept beside the one whose key it has.
        if (there !== undefined && there !== line && sent.sourceProblem === undefined) {
          tally.conflicts += 1
          wrong.push({ key: sent.key, position, field: 'key', msg: 'is there with other contents' })
          continue
        }
        if (sent.sourceProblem !== undefined) {
          tally.invalid += 1
          const { field, message } = sent.sourceProblem
          wrong.push({ key: sent.key, position, field, msg: message })
        } else if (there === undefined) tally.added += 1
        else tally.known += 1
        taken.set(sent.key, line)
      }
      return { ...tally, wrong }
    },
  }
  return { calls, lines, asked }
}

async function send(items: readonly SourceItem[], { server = serverWith(), isNew = true } = {}) {
  const sent = emptySent()
  const signal = new AbortController().signal
  const given = (async function* () {
    yield* items
  })()
  await sendRows(given, sent, { calls: server.calls, id: 'i', isNew, onBatch: () => {}, signal })
  return { sent, ...server }
}

describe('sendRows', () => {
  it('keeps the first hundred wrong rows and notes to tell of, and sends all', async () => {
    const wrong = (i: number) =>
      ({ kind: 'problem', key: `k${i}`, position: i, field: 'person', message: 'is not known' }) as const
    const notes = Array.from({ length: 250 }, (_, i) => ({ kind: 'note', message: `n${i}` }) as const)
    const { sent, lines } = await send([...Array.from({ length: 250 }, (_, i) => wrong(i)), ...notes])
    expect(lines).toHaveLength(250)
    expect([sent.wrong.length, sent.notes.length]).toEqual([100, 100])
    expect([sent.wrong[99]?.key, sent.notes[99]]).toEqual(['k99', 'n99'])
  })

  it('sends rows that cannot be made here, so that the report has them', async () => {
    const loose = {
      kind: 'problem',
      key: 'stray.jpg',
      position: 1,
      field: 'person',
      message: 'is not known',
    } as const
    const { sent, lines } = await send([loose, row('a', 2)])
    expect(lines[0]).toEqual({
      key: 'stray.jpg',
      sourceProblem: { field: 'person', message: 'is not known', position: 1 },
    })
    expect(sent).toMatchObject({
      added: 1,
      wrong: [{ key: 'stray.jpg', position: 1, field: 'person', msg: 'is not known' }],
    })
  })

  it('tells whose a row is that cannot be made, where that is known', async () => {
    const person = { by: 'externalId', externalId: 'ada' } as const
    const place = { kind: 'problem', key: 'ada/1.jpg', position: 1, person } as const
    const { lines } = await send([{ ...place, field: 'picture', message: 'is empty' }])
    expect(lines).toEqual([
      {
        key: 'ada/1.jpg',
        person: { externalId: 'ada' },
        sourceProblem: { field: 'picture', message: 'is empty', position: 1 },
      },
    ])
  })

  it('sends a row in conflict as a row of its own, in whatever batch the first one was', async () => {
    const many = Array.from({ length: 150 }, (_, i) => row(`k${i}`, i + 2))
    const { sent, lines, asked } = await send([...many, row('k0', 152, 'Grace')])
    expect(lines.at(-1)).toEqual({
      key: 'row 152: k0',
      person: { key: 'p' },
      sourceProblem: { field: 'key', message: 'is there with other contents', position: 152 },
    })
    expect(sent.added).toBe(150)
    expect(sent.wrong).toMatchObject([{ key: 'k0', position: 152 }])
    expect(asked).toEqual([])
  })

  it('does not send again what an earlier run has sent', async () => {
    const server = serverWith(new Map([['a', 'there']]))
    const { sent, lines } = await send([row('a', 2), row('b', 3)], { server, isNew: false })
    expect(lines.map(({ key }) => key)).toEqual(['b'])
    expect(sent).toMatchObject({ added: 1, known: 1, wrong: [] })
  })

  it('sends a photo that was replaced under its name, so that it is a conflict as in the first run', async () => {
    const photo = (text: string) => ({ ...row('a.jpg', 1), picture: { bytes: Buffer.from(text) } })
    const sha256 = createHash('sha256').update('first').digest('hex')
    const again = (text: string) => {
      const server = serverWith(new Map([['a.jpg', 'there']]), new Map([['a.jpg', sha256]]))
      return send([photo(text)], { server, isNew: false })
    }
    expect(await again('first')).toMatchObject({ lines: [], sent: { known: 1, wrong: [] } })
    const { sent, lines } = await again('other')
    expect(sent.wrong).toMatchObject([{ key: 'a.jpg', field: 'key', msg: 'is there with other contents' }])
    expect(sent.known).toBe(0)
    expect(lines.map(({ key }) => key)).toEqual(['a.jpg', 'row 1: a.jpg'])
  })

  it('sends a photo whose row came without one, since it was wrong then', async () => {
    const server = serverWith(new Map([['a.jpg', 'there']]))
    const photo = { ...row('a.jpg', 1), picture: { bytes: Buffer.from('now') } }
    expect((await send([photo], { server, isNew: false })).sent.wrong).toHaveLength(1)
  })

  it('sends wrong rows of one key as two, also on the way of a second run', async () => {
    const wrong = (position: number) =>
      ({ kind: 'problem', key: 'a', position, field: 'picture', message: 'is missing' }) as const
    const { lines } = await send([wrong(2), wrong(3)])
    expect(new Set(lines.map((line) => JSON.stringify(line))).size).toBe(2)
    const again = await send([wrong(2), wrong(3)], {
      server: serverWith(new Map([['a', 'x']])),
      isNew: false,
    })
    expect(again.lines.filter(({ key }) => key === 'a')).toHaveLength(2)
  })
})
