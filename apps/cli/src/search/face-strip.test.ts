import sharp from 'sharp'
import { expect, it } from 'vitest'
import { facesThatFit, stripLines } from './face-strip.ts'

it.each([
  [0, 0],
  [26, 1],
  [27, 2],
  [80, 5],
  [500, 8],
])('in %i columns there is room for %i faces', (columns, faces) => {
  expect(facesThatFit(columns)).toBe(faces)
})

it('has one picture of all faces, transparent between them, and captions as wide as they are', async () => {
  const red = await sharp({ create: { width: 300, height: 400, channels: 3, background: '#f00' } })
    .jpeg()
    .toBuffer()
  const [picture = '', ...captions] = await stripLines('iterm2', [
    { picture: red, captions: ['searched for', ''] },
    { picture: null, captions: ['Augusta Ada King', '0.998'] },
    { picture: Buffer.from('no picture'), captions: ['木木木木木木木', '0.750'] },
    { picture: red, captions: ['E\u001b[31mve', '0.700'] },
  ])
  expect(captions).toEqual([
    'searched for  Augusta Ada…  木木木木木…   E\u{fffd}[31mve',
    '              0.998         0.750         0.700',
  ])
  const [, columns, base64 = ''] = /width=(\d+);.*:([\w+/=]+)/.exec(picture) ?? []
  expect(columns).toBe('54')
  const strip = sharp(Buffer.from(base64, 'base64'))
  const { data, info } = await strip.raw().toBuffer({ resolveWithObject: true })
  expect([info.width, info.height, info.channels]).toEqual([648, 192, 4])
  const pixel = (x: number) => [...data.subarray((96 * 648 + x) * 4, (96 * 648 + x) * 4 + 4)]
  expect(pixel(72)).toEqual([254, 0, 0, 255])
  expect(pixel(155)[3]).toBe(0)
  for (const plain of [240, 408]) expect(pixel(plain)).toEqual([128, 128, 128, 255])
})
