import type { PictureProtocol } from './picture-protocol.ts'

/** Base64 characters of one escape sequence: the most that the protocol of kitty allows. */
const CHUNK = 4_096

/**
 * The escape sequence that shows a PNG from the cursor on, `columns` characters wide, and as high as its proportions ask for.
 * The cursor then stands behind it in its last line, so that a line break leads below it.
 * https://sw.kovidgoyal.net/kitty/graphics-protocol and https://iterm2.com/documentation-images.html
 * @param columns fewer than the terminal has: kitty breaks the line behind a picture that reaches its right edge
 */
export function showPicture(protocol: PictureProtocol, png: Buffer, columns: number): string {
  return protocol === 'kitty' ? forKitty(png, columns) : forIterm(png, columns)
}

/** `q=2`: the terminal does not answer, because nobody reads what it would say. */
function forKitty(png: Buffer, columns: number): string {
  const base64 = png.toString('base64')
  const chunks = Array.from({ length: Math.ceil(base64.length / CHUNK) }, (_, at) =>
    base64.slice(at * CHUNK, (at + 1) * CHUNK),
  )
  return chunks
    .map((chunk, at) => {
      const isLast = at === chunks.length - 1
      const control = `${at === 0 ? `a=T,f=100,q=2,c=${columns},` : ''}m=${isLast ? 0 : 1}`
      return `\u001b_G${control};${chunk}\u001b\\`
    })
    .join('')
}

function forIterm(png: Buffer, columns: number): string {
  const facts = `inline=1;size=${png.length};width=${columns};height=auto;preserveAspectRatio=1`
  return `\u001b]1337;File=${facts}:${png.toString('base64')}\u0007`
}
