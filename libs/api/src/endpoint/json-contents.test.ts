import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { JsonContents } from './json-contents.ts'

it('is the text that JSON with Base64 in it would be', () => {
  const sizes = [0, 1, 2, 3, 196_607, 196_608, 196_609, 1_000_000]
  const contents = new Map(sizes.map((size, n) => [`mark-${n};`, randomBytes(size)]))
  const value = { before: 'ü', list: [...contents.keys()].map((content) => ({ content })), after: 1 }
  const json = new JsonContents(value, contents)
  const text = Buffer.concat([...json.slices()])
  expect(text.byteLength).toBe(json.byteLength)
  const list = [...contents.values()].map((bytes) => ({ content: bytes.toString('base64') }))
  expect(text.toString() === JSON.stringify({ ...value, list })).toBe(true)
})
