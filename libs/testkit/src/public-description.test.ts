import { newTestId } from '@semblance/core/testing'
import { describe, expect, it } from 'vitest'
import { checkAnswer, describedAnswers, publicDescription } from './public-description.ts'

const person = { id: newTestId(), name: 'Ada', groups: [] }
const search = (json: unknown, status = 200) => ({ method: 'POST', path: '/api/search', status, json })
const hit = (more: object) => search({ code: 0, persons: [{ ...person, ...more }] })
const personOf = (json: unknown) => ({
  method: 'GET',
  path: `/api/persons/${newTestId()}`,
  status: 200,
  json,
})

describe.skipIf(publicDescription === null)('an answer compared with the public description', () => {
  it('is named by method, template and status, however many slashes its path has', () => {
    const path = `//api/persons//${newTestId()}/?page=1`
    expect(checkAnswer({ ...personOf(person), path })).toBe('GET /api/persons/{personId} 200')
  })

  it.each([
    ['null for a list', search({ code: 0, persons: null })],
    ['null for the pictures of a hit', hit({ images: null })],
    ['landmarks between the pixels', hit({ detection: { landmarks: [[1.5, 2]] } })],
    ['an id that is no UUID', personOf({ ...person, id: '7' })],
    ['no name', personOf({ id: person.id })],
    ['a code that is text', search({ code: '0', persons: [] })],
    ['a status that is not described', { ...personOf(person), status: 201 }],
  ])('is refused for %s', (_what, answer) => {
    expect(() => checkAnswer(answer)).toThrow()
  })

  it('is passed over for routes and statuses that are ours', () => {
    expect(checkAnswer({ ...personOf(null), path: '/openapi.json' })).toBeNull()
    expect(checkAnswer(search({}, 413))).toBeNull()
    expect(checkAnswer(search({}, 404))).toBeNull()
  })

  it('is one of those described', () => {
    expect(describedAnswers(['/api/search'])).toEqual(
      [200, 201, 400].map((status) => `POST /api/search ${status}`),
    )
  })
})
