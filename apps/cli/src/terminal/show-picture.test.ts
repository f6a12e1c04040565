import { expect, it } from 'vitest'
import { showPicture } from './show-picture.ts'

it('sends a small picture to kitty in one piece', () => {
  expect(showPicture('kitty', Buffer.from('face'), 26)).toBe(
    '\u001b_Ga=T,f=100,q=2,c=26,m=0;ZmFjZQ==\u001b\\',
  )
})

it.each([
  [3_072, [4_096]],
  [3_073, [4_096, 4]],
  [7_000, [4_096, 4_096, 1_144]],
])('sends %i bytes to kitty in pieces of at most 4,096 characters', (bytes, lengths) => {
  const picture = Buffer.alloc(bytes, 'face')
  const pieces = showPicture('kitty', picture, 80)
    .split('\u001b\\')
    .slice(0, -1)
    .map((piece) => piece.split(';'))
  expect(pieces.map(([, base64]) => base64?.length)).toEqual(lengths)
  const last = lengths.length - 1
  expect(pieces.map(([control]) => control)).toEqual(
    lengths.map((_, at) => `\u001b_G${at === 0 ? 'a=T,f=100,q=2,c=80,' : ''}m=${at === last ? 0 : 1}`),
  )
  expect(Buffer.from(pieces.map(([, base64]) => base64).join(''), 'base64').equals(picture)).toBe(true)
})

it('sends a picture to iTerm2 as a file that is shown inline', () => {
  expect(showPicture('iterm2', Buffer.from('face'), 26)).toBe(
    '\u001b]1337;File=inline=1;size=4;width=26;height=auto;preserveAspectRatio=1:ZmFjZQ==\u0007',
  )
})
