import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { packManifestSchema } from '../../packs/pack-manifest.ts'
import { createProjection, projectFeatures, projectionSha256 } from './projection.ts'

const SEED = 20261123
const PACKS = join(import.meta.dirname, '../../../../../models')
const projection = createProjection({ seed: SEED, features: 1024, outputs: 384 })

/** The map's columns, one by one: what the unit vectors become. */
function matrix(): Float32Array[] {
  return Array.from({ length: 1024 }, (_, j) => {
    const unit = new Float32Array(1024)
    unit[j] = 1
    return projectFeatures(unit, projection)
  })
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let j = 0; j < a.length; j++) sum += a[j]! * b[j]!
  return sum
}

describe('projectFeatures', () => {
  it('has orthonormal rows', () => {
    const columns = matrix()
    const rows = Array.from({ length: 384 }, (_, r) => Float64Array.from(columns, (column) => column[r]!))
    const wrong = rows.flatMap((a, r) =>
      rows.slice(0, r + 1).filter((b, s) => dot(a, b) !== (r === s ? 1 : 0)),
    )
    expect(wrong).toEqual([])
  })

  it('is the map that its definition gives', () => {
    const columns = matrix()
    for (let j = 0; j < 1024; j += 31) {
      const ones = (value: number) => value.toString(2).replaceAll('0', '').length
      const expected = Float32Array.from(
        projection.rows,
        (row) => ((-1) ** ones(row & j) * projection.signs[j]!) / 32,
      )
      expect(columns[j]).toEqual(expected)
    }
  })

  it.each(['builtin', 'builtin@2'])('is the one of the pack %s', (pack) => {
    const manifest = packManifestSchema.parse(
      JSON.parse(readFileSync(join(PACKS, pack, 'pack.json'), 'utf8')),
    )
    const [recognizer] = manifest.recognizers.filter(({ projection: described }) => described)
    const plan = { ...recognizer!.projection!, features: recognizer!.features }
    expect(projectionSha256(createProjection(plan))).toBe(plan.sha256)
  })

  it('keeps, scaled, the length of 512 features as well', () => {
    const plan = { seed: 20261128, features: 512, outputs: 512 }
    const features = Float32Array.from({ length: 512 }, (_, j) => Math.sin(j))
    const squares = (vector: Float32Array) => vector.reduce((sum, value) => sum + value * value, 0)
    expect(squares(projectFeatures(features, createProjection(plan)))).toBeCloseTo(squares(features), 3)
  })

  it('differs with the seed', () => {
    expect(projectionSha256(createProjection({ seed: SEED + 1, features: 1024, outputs: 384 }))).not.toBe(
      projectionSha256(projection),
    )
  })

  it('refuses another number of features', () => {
    expect(() => projectFeatures(new Float32Array(1000), projection)).toThrow('1024 features, not 1000')
  })
})
