import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UploadBuffer } from './upload-buffer.ts'

const chunks = fc.array(fc.uint8Array({ maxLength: 30_000, size: 'max' }), { maxLength: 20 })
const sizeOf = (all: readonly Uint8Array[]) => all.reduce((sum, { byteLength }) => sum + byteLength, 0)
/** Of the one piece of memory that all views look at. */
const held = (buffer: UploadBuffer) => buffer.view(0, 0).buffer.byteLength

describe('an upload buffer', () => {
  it('gives back what it was given, at the places that it named', () => {
    fc.assert(
      fc.property(chunks, (all) => {
        const buffer = new UploadBuffer(sizeOf(all))
        const starts = all.map((chunk) => buffer.append(chunk))
        for (const [n, chunk] of all.entries()) {
          const start = starts[n] ?? -1
          expect(Buffer.compare(buffer.view(start, start + chunk.byteLength), chunk)).toBe(0)
        }
      }),
    )
  })

  it('holds at most twice of what has come, and never more than was announced', () => {
    fc.assert(
      fc.property(chunks, fc.nat(5_000_000), (all, more) => {
        const announced = sizeOf(all) + more
        const buffer = new UploadBuffer(announced)
        let come = 0
        for (const chunk of all) {
          buffer.append(chunk)
          come += chunk.byteLength
          expect(held(buffer)).toBeLessThanOrEqual(Math.min(announced, Math.max(2 * come, 16_384)))
        }
        if (more === 0) expect(held(buffer)).toBe(announced)
      }),
    )
  })

  it('takes next to nothing for a length that is only announced', () => {
    expect(held(new UploadBuffer(20_000_000))).toBeLessThanOrEqual(16_384)
  })
})
