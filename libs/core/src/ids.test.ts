import { describe, expect, it } from 'vitest'
import { isUuid, uuidTimeMs } from './ids.ts'

describe('uuidTimeMs', () => {
  it('reads the millisecond at which a UUIDv7 was made', () => {
    expect(uuidTimeMs('017f22e2-79b0-7cc3-98c4-dc0c0c07398f')).toBe(Date.parse('2022-02-22T19:22:22.000Z'))
  })

  it('knows nothing of other UUIDs', () => {
    expect(uuidTimeMs('919108f7-52d1-4320-9bac-f847db4148a8')).toBeNull()
  })
})

describe('isUuid', () => {
  it('takes any version in either case and nothing around it', () => {
    expect(isUuid('919108F7-52d1-4320-9bac-f847db4148a8')).toBe(true)
    expect(isUuid(' 919108f7-52d1-4320-9bac-f847db4148a8')).toBe(false)
    expect(isUuid('919108f752d143209bacf847db4148a8')).toBe(false)
  })
})
