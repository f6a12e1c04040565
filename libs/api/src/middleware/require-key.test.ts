import type { Request, Response } from 'express'
import { describe, expect, it } from 'vitest'
import type { Caller } from '../endpoint/endpoint.ts'
import { requireKey } from './require-key.ts'

/** Who calls, as a handler is told, once the request was let through. */
function callerWith(keys: readonly string[], key?: string): Caller | undefined {
  const scope: { caller?: Caller } = {}
  const headers: Readonly<Record<string, string | undefined>> = { 'x-api-key': key }
  const req = { get: (name: string) => headers[name] } as Request
  requireKey({ apiKeys: keys, descriptorKeys: ['another'] })(
    req,
    { locals: { scope } } as unknown as Response,
    () => {},
  )
  return scope.caller
}

describe('a caller', () => {
  it('is told by the key, without telling the key', () => {
    const caller = callerWith(['one', 'another'], 'one')
    expect(caller).toEqual({ keyId: '7692c3ad3540bb80', mayHaveDescriptors: false })
    expect(callerWith(['one', 'another'], 'another')).not.toMatchObject({ keyId: caller?.keyId })
  })

  it('may have descriptors if the key is one for them', () => {
    expect(callerWith(['one', 'another'], 'another')).toMatchObject({ mayHaveDescriptors: true })
  })

  it('is not told where nobody needs a key', () => {
    expect(callerWith([], 'one')).toBeUndefined()
  })
})
