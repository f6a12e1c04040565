import { describe, expect, it } from 'vitest'
import { isUuid, leastUuidAt, uuidTimeMs } from './ids.ts'

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

describe('leastUuidAt', () => {
  it('comes before every id of its time and later, and after all earlier ones', () => {
    const [before, at, after] = [1_700_000_000_000 - 1, 1_700_000_000_000, 1_700_000_000_001]
    const idAt = (ms: number) => {
      const hex = ms.toString(16).padStart(12, '0')
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7fff-bfff-ffffffffffff`
    }
    expect(leastUuidAt(at) > idAt(before)).toBe(true)
    expect(leastUuidAt(at) < idAt(at)).toBe(true)
    expect(leastUuidAt(at) < idAt(after)).toBe(true)
    expect(uuidTimeMs(leastUuidAt(at))).toBe(at)
    expect(leastUuidAt(-5) <= leastUuidAt(0)).toBe(true)
  })
})
