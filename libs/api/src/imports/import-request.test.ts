import { describe, expect, it } from 'vitest'
import { draftOf, importToCreate } from './import-request.ts'

function limitsOf(fields: object, enrollmentQuality: 'off' | 'strict'): readonly string[] {
  const input = importToCreate.parse({ name: 'x', ...fields })
  return draftOf(input, { enrollmentQuality }).policies.quality.map(({ name }) => name)
}

describe('what an import asks of faces', () => {
  it('is what the server is set to, unless the request says otherwise', () => {
    expect(limitsOf({}, 'off')).toEqual([])
    expect(limitsOf({}, 'strict')).toContain('TooDark')
    expect(limitsOf({ quality: 'standard' }, 'strict')).not.toContain('TooDark')
    expect(limitsOf({ quality: 'off' }, 'strict')).toEqual([])
    const quality = [{ name: 'faceQuality', range: [50, 100] }]
    expect(limitsOf({ quality }, 'strict')).toEqual(['faceQuality'])
  })

  it('is nothing where descriptors are taken over, since nobody looks at the pictures', () => {
    expect(limitsOf({ trustDescriptors: true }, 'strict')).toEqual([])
    expect(limitsOf({ trustDescriptors: true, quality: 'off' }, 'strict')).toEqual([])
    for (const quality of ['standard', []])
      expect(importToCreate.safeParse({ name: 'x', trustDescriptors: true, quality }).success).toBe(false)
  })
})
