import { describe, expect, it } from 'vitest'
import { readSource } from '../read-source.ts'
import { inPieces, readAll } from '../testing/read-all.ts'

const ROWS = '{"key":"a","file":"ada/1.jpg"}\n{"key":"b","file":"b.jpg"}\n{"key":"c","name":"Cyd"}\n'

interface Given {
  readonly parts: readonly (readonly [name: string, bytes: Uint8Array | string, filename?: string])[]
  readonly pieces?: readonly number[]
  readonly cutAt?: number
  readonly pictureBytes?: number
}

async function read({ parts, pieces = [], cutAt, pictureBytes = 1_000_000 }: Given) {
  const form = new FormData()
  for (const [name, bytes, filename] of parts)
    form.append(name, new Blob([Buffer.from(bytes)]), filename ?? name)
  const made = new Response(form)
  const contentType = made.headers.get('content-type') ?? ''
  const body = (await made.bytes()).subarray(0, cutAt)
  return readAll(readSource(inPieces(body, pieces), { contentType, bounds: { pictureBytes } }))
}

describe('a form', () => {
  it.each([
    [[]],
    [[1]],
    [[7, 100, 3]],
  ])('brings the pictures that its rows name (pieces of %j)', async (pieces) => {
    const large = Buffer.alloc(300_000, 'ada')
    const parts = [
      ['rows', ROWS],
      ['files', large, 'ada/1.jpg'],
      ['files', 'nobody', 'x.jpg'],
      ['b.jpg', 'bob'],
    ] as const
    const { rows, items, fault } = await read({
      parts: pieces[0] === 1 ? [parts[0], parts[3]] : parts,
      pieces,
    })
    expect(fault).toBeNull()
    const bytesOf = (key: string) => {
      const picture = rows.find((row) => row.key === key)?.picture
      return picture !== undefined && 'bytes' in picture ? Buffer.from(picture.bytes) : null
    }
    expect(bytesOf('b')?.toString()).toBe('bob')
    expect(rows.find(({ key }) => key === 'c')).toMatchObject({ name: 'Cyd' })
    if (pieces[0] === 1) {
      expect(items).toContainEqual(expect.objectContaining({ kind: 'problem', key: 'a', field: 'picture' }))
      return
    }
    expect(bytesOf('a')?.equals(large)).toBe(true)
    expect(items.filter(({ kind }) => kind === 'note')).toHaveLength(1)
  })

  it('goes on after a picture that is too large or empty, and after a path that leads outside', async () => {
    const parts = [
      ['rows', ROWS],
      ['f', Buffer.alloc(400_000), 'ada/1.jpg'],
      ['f', 'x', '../../etc/passwd'],
      ['f', 'bob', 'b.jpg'],
    ] as const
    const { items, rows, fault } = await read({ parts, pictureBytes: 100_000 })
    expect(fault).toBeNull()
    expect(rows.map(({ key }) => key)).toEqual(['c', 'b'])
    expect(items.filter(({ kind }) => kind === 'problem')).toMatchObject([
      { key: 'a', field: 'picture', message: 'must have at most 100000 bytes' },
      { field: 'entry', message: 'has a path that leads outside' },
    ])
    const empty = await read({
      parts: [
        ['rows', ROWS],
        ['b.jpg', ''],
      ],
    })
    expect(empty.items).toContainEqual(expect.objectContaining({ key: 'b', message: 'is empty' }))
  })

  it('may have its rows as CSV', async () => {
    const { rows } = await read({
      parts: [
        ['rows', 'key,name,file\n1,Ada,a.jpg\n', 'staff.csv'],
        ['a.jpg', 'ada'],
      ],
    })
    expect(rows).toMatchObject([{ key: '1', name: 'Ada' }])
  })

  it('must begin with its rows, and end', async () => {
    expect(
      await read({
        parts: [
          ['b.jpg', 'bob'],
          ['rows', ROWS],
        ],
      }),
    ).toMatchObject({ fault: 'not-readable', items: [] })
    expect(await read({ parts: [] })).toMatchObject({ fault: 'not-readable' })
    const parts = [
      ['rows', ROWS],
      ['f', Buffer.alloc(300_000, 'ada'), 'ada/1.jpg'],
    ] as const
    const cut = await read({ parts, cutAt: 200_000 })
    expect(cut).toMatchObject({ fault: 'truncated', rows: [{ key: 'c' }] })
    const contentType = 'multipart/form-data'
    const unbound = await readAll(readSource(inPieces(Buffer.from('x')), { contentType }))
    expect(unbound.fault).toBe('not-readable')
  })
})
