import { describe, expect, it } from 'vitest'
import { measureChip } from './measure-chip.ts'

const SIDE = 112

/** Three equal planes. */
function aChip(at: (x: number, y: number) => number): Float32Array {
  const plane = Array.from({ length: SIDE * SIDE }, (_, i) => at(i % SIDE, Math.floor(i / SIDE)))
  return Float32Array.from([...plane, ...plane, ...plane])
}

const waves = (length: number) => (x: number, y: number) =>
  128 + 50 * Math.sin((2 * Math.PI * x) / length) * Math.sin((2 * Math.PI * y) / length)

describe('a chip', () => {
  it('of one grey has neither detail nor contrast', () => {
    const measures = measureChip(
      aChip(() => 128),
      SIDE,
    )
    expect(measures).toMatchObject({ dark: 0, light: 0 })
    expect(measures.mean).toBeCloseTo(128 / 255, 5)
    for (const value of [measures.deviation, measures.fine, measures.coarse]) expect(value).toBeCloseTo(0, 3)
  })

  it('tells fine detail from coarse', () => {
    const [fine, coarse] = [4, 24].map((length) => measureChip(aChip(waves(length)), SIDE))
    expect(fine!.fine).toBeGreaterThan(5 * coarse!.fine)
    expect(fine!.fine / fine!.coarse).toBeGreaterThan(5 * (coarse!.fine / coarse!.coarse))
  })

  it('counts what is black and what is white', () => {
    const { dark, light, mean } = measureChip(
      aChip((x) => (x < SIDE / 2 ? 0 : 255)),
      SIDE,
    )
    expect([dark, light, mean]).toEqual([0.5, 0.5, expect.closeTo(0.5, 2)])
  })

  it.each([
    ['eyes', 0.36, 0.56],
    ['mouth', 0.72, 0.92],
  ] as const)('misses the detail of %s under a bar', (part, top, bottom) => {
    const bare = measureChip(aChip(waves(10)), SIDE)
    const isCovered = (y: number) => y >= top * SIDE && y < bottom * SIDE
    const covered = measureChip(
      aChip((x, y) => (isCovered(y) ? 16 : waves(10)(x, y))),
      SIDE,
    )
    expect(covered[part]).toBeLessThan(0.6 * bare[part])
  })

  it.each([16, 128, 250])('is flat under a bar of any one color, and nowhere else: %d', (color) => {
    const isCovered = (y: number) => y >= 60 && y < 74
    const covered = aChip((x, y) => (isCovered(y) ? color : waves(10)(x, y)))
    expect(measureChip(covered, SIDE).flat).toBe(1)
    expect(measureChip(aChip(waves(10)), SIDE).flat).toBeLessThan(0.5)
    // The hair above the face is often of one color.
    expect(
      measureChip(
        aChip((x, y) => (y < 25 ? color : waves(10)(x, y))),
        SIDE,
      ).flat,
    ).toBeLessThan(0.5)
  })
})
