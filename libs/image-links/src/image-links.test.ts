import { afterEach, expect, test } from 'vitest'
import { createImageLinks } from './image-links.ts'
import { closeAll, closers, loopback, PICTURE, serve } from './testing/link-rig.ts'

afterEach(closeAll)

test('the public factory guards by default', async () => {
  const guarded = createImageLinks({ maxBytes: 1_000, lookup: loopback })
  closers.push(() => guarded.close())
  expect(await guarded.fetch('http://localhost/')).toEqual({
    outcome: 'refused',
    reason: 'address-not-allowed',
  })
})

test('the public factory reaches the hosts it is told to', async () => {
  const { port } = await serve((_request, response) => response.end(PICTURE))
  const guarded = createImageLinks({ maxBytes: 10_000, allowedHosts: [`127.0.0.1:${port}`] })
  closers.push(() => guarded.close())
  expect((await guarded.fetch(`http://127.0.0.1:${port}/`)).outcome).toBe('fetched')
})

test('an entry of the allow list that cannot be read is refused at once', () => {
  expect(() => createImageLinks({ maxBytes: 1, allowedHosts: ['http://a.test'] })).toThrow(TypeError)
})
