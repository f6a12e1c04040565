import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readNamePattern } from './name-pattern.ts'

function match(pattern: string, path: string) {
  const made = readNamePattern(pattern)
  return 'pattern' in made ? made.pattern.match(path) : made.problem
}

describe('a pattern of names', () => {
  it.each([
    ['{person}_{n}.jpg', 'Jane_Doe_0001.jpg', { person: 'Jane_Doe' }],
    ['{person}_{n}.jpg', 'deep/er/Jane_Doe_0001.JPG', { person: 'Jane_Doe' }],
    ['{person}_{n}.jpg', 'Jane_Doe.jpg', null],
    ['{person}_{n}.{any}', 'a_b_1.tar.gz', { person: 'a_b' }],
    ['{group}/{person}/{any}', 'staff/Jane/1.jpg', { group: 'staff', person: 'Jane' }],
    ['{group}/{person}/{any}', 'x/staff/Jane/1.jpg', null],
    ['{person} - {name}.{any}', '4711 - Jane Doe.png', { person: '4711', name: 'Jane Doe' }],
    ['{person}{n}.jpg', 'jane12.jpg', { person: 'jane1' }],
    ['{person}_{n}_{any}.jpg', 'a_1_b_c.jpg', { person: 'a' }],
    ['{person}.jpg', '.jpg', null],
    ['img{person}.jpg', 'IMGx.jpg', { person: 'x' }],
  ])('%s fits %s or not', (pattern, path, parts) => {
    expect(match(pattern, path)).toEqual(parts)
  })

  it.each([
    ['{any}.jpg', 'must have {person} or {name}'],
    ['{person}{x}', 'may have {person}, {name}, {group}, {n} and {any}, and no other braces'],
    ['{person}{person}', 'must have each of {person}, {name} and {group} once'],
    [`{person}${'{any}'.repeat(8)}`, 'must have at most 8 placeholders'],
    [`{person}${'x'.repeat(200)}`, 'must have at most 200 characters'],
  ])('%s is refused', (pattern, problem) => {
    expect(match(pattern, 'x')).toBe(problem)
  })

  it('takes as long as the name is, whatever the pattern', () => {
    const began = performance.now()
    for (let turn = 0; turn < 200; turn++) {
      const pattern = '{any}a{any}a{any}a{any}a{any}a{any}a{any}a{person}b'
      expect(match(pattern, `${'a'.repeat(1_023)}c`)).toBeNull()
    }
    // Trying one end after the other took 0.2 s for each.
    expect(performance.now() - began).toBeLessThan(10_000)
  })

  it('gives back what a name was made of', () => {
    const part = fc.stringMatching(/^[A-Za-z0-9 ]{1,20}$/)
    fc.assert(
      fc.property(part, part, fc.nat(), (person, group, n) => {
        expect(match('{group}/{person}_{n}.jpg', `${group}/${person}_${n}.jpg`)).toEqual({ person, group })
      }),
    )
  })
})
