import { storeUnavailable } from '@semblance/core'
import { MongoServerError } from 'mongodb'
import { expect, it } from 'vitest'
import { translateFault } from './mongo-fault.ts'

it.each([
  ['OutOfDiskSpace', 14031, 'sekret', 'E_STORAGE_FULL'],
  ['AtlasError', 8000, 'you are over your space quota, using 513 MB of 512 MB', 'E_STORAGE_FULL'],
  ['AtlasError', 8000, 'sekret is not allowed', 'E_STORE_UNAVAILABLE'],
  ['NotWritablePrimary', 10107, 'sekret', 'E_STORE_UNAVAILABLE'],
])('%s (%i, %j) is %s, and repeats nothing of the message', (...[codeName, code, message, wanted]) => {
  const fault = translateFault(new MongoServerError({ code, codeName, message }), storeUnavailable)
  expect(fault).toMatchObject({ code: wanted, retryable: true })
  const cause = (fault as Error).cause
  expect(`${fault} ${cause}`).not.toMatch(/sekret|513/)
})
