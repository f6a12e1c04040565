import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const folder = join(import.meta.dirname, '../../apps/console/src/look')
const SPACING = /^\s*(?:(?:row-|column-)?gap|(?:padding|margin)(?:-[a-z]+)?):\s*([^;]+);/
const SIZE = /^\s*font-size:\s*([^;]+);/
/** A hairline between things that touch is no space. */
const HAIRLINE = 2

const lines = readdirSync(folder)
  .filter((file) => file.endsWith('.css'))
  .flatMap((file) =>
    readFileSync(join(folder, file), 'utf8')
      .split('\n')
      .map((line, place) => ({ where: `${file}:${place + 1}`, line })),
  )

describe('the look of the console', () => {
  it('has four sizes of type', () => {
    const sizes = lines.map(({ line }) => SIZE.exec(line)?.[1]).filter((size) => size !== undefined)
    expect(new Set(sizes)).toEqual(new Set(['var(--small)', 'var(--body)', 'var(--lead)', 'var(--title)']))
  })

  it('has spaces by eights, and by half of eight within small parts', () => {
    const spaces = lines.filter(({ line }) => SPACING.test(line))
    expect(spaces.length).toBeGreaterThan(100)
    const others = spaces.filter(({ line }) =>
      [...(SPACING.exec(line)?.[1] ?? '').replaceAll(/calc\([^)]*\)+/g, '').matchAll(/-?(\d+)px/g)]
        .map(([, pixels]) => Number(pixels))
        .some((pixels) => pixels > HAIRLINE && pixels % 4 !== 0),
    )
    expect(others).toEqual([])
  })
})
