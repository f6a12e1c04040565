import { cosineOf } from '@semblance/core'
import { expect, it } from 'vitest'
import { cosineRows } from './cosine-rows.ts'
import { mulberry } from './target-check.ts'

it.each([0, 1, 3, 4, 9])('tells what one pair after the other tells, of %d vectors', (count) => {
  const random = mulberry(count)
  const vectors = Array.from({ length: count }, () => Float32Array.from({ length: 17 }, () => random() - 0.5))
  const probe = Float32Array.from({ length: 17 }, () => random() - 0.5)
  const rows = cosineRows(vectors)
  for (const from of [0, 1, 2, 3, 5]) {
    const wanted = vectors.slice(from).map((vector) => cosineOf(vector, probe))
    expect([...rows.cosinesOf(probe, from)]).toEqual(wanted)
  }
})
