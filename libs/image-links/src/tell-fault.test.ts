import { expect, test } from 'vitest'
import { createTellFault } from './tell-fault.ts'

test('each fault is said once, and codes that are none are not repeated', () => {
  const said: string[] = []
  const tell = createTellFault((message) => said.push(message))
  for (const code of ['AccessDenied', 'AccessDenied', 'the key AKID was wrong', 'x'.repeat(99)])
    tell('s3', code)
  tell('gs', 'AccessDenied')
  expect(said).toEqual([
    's3 links fail: AccessDenied',
    's3 links fail: unknown',
    'gs links fail: AccessDenied',
  ])
})

test('a server that invents new codes cannot fill the log', () => {
  const said: string[] = []
  const tell = createTellFault((message) => said.push(message))
  for (let index = 0; index < 1_000; index += 1) tell('s3', `code-${index}`)
  expect(said.length).toBe(50)
})
