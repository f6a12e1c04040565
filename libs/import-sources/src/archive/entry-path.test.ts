import fc from 'fast-check'
import { expect, it } from 'vitest'
import { judgePath } from './entry-path.ts'

it('gives paths that stay inside, whatever the bytes', () => {
  const part = fc.constantFrom('a', '..', '.', '', '/', 'C:', '\0', 'é', '__MACOSX', ' ')
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.array(part, { maxLength: 12 }).map((parts) => Buffer.from(parts.join('/'))),
  )
  fc.assert(
    fc.property(bytes, (name) => {
      const judged = judgePath(name)
      if (judged.kind !== 'path') return
      expect(judged.path).not.toMatch(/^\/|^[a-z]:|\0|\/$|\/\//i)
      expect(judged.path.split('/')).not.toContain('..')
      expect(judgePath(Buffer.from(judged.path))).toEqual(judged)
    }),
  )
})

it.each(['C:', './C:/x.jpg', '/x.jpg', 'c:x.jpg'])('refuses %s as absolute', (path) => {
  expect(judgePath(Buffer.from(path))).toEqual({ kind: 'refused', why: 'has an absolute path' })
})
