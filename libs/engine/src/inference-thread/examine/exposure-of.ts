import type { LumaSquare } from './blur-of.ts'

/** The ends of the scale that ISO/IEC 29794-5 counts for under- and over-exposure, of 0..255. */
export const DARK_TO = 25
export const LIGHT_FROM = 247

/** Shares of the counted pixels that are all but black and all but white; null if none counts. */
export function exposureOf({
  luma,
  counted,
}: Pick<LumaSquare, 'luma' | 'counted'>): { readonly dark: number; readonly light: number } | null {
  let [count, dark, light] = [0, 0, 0]
  for (let at = 0; at < luma.length; at++) {
    if (counted[at] === 0) continue
    const value = luma[at] ?? 0
    count++
    if (value <= DARK_TO) dark++
    if (value >= LIGHT_FROM) light++
  }
  return count === 0 ? null : { dark: dark / count, light: light / count }
}
