import { expect, it, vi } from 'vitest'
import { openProgress } from '../command/progress.ts'
import { lookProgress } from './look-progress.ts'

const GB = 1_000_000_000

it('tells nothing of an archive that is looked through soon', () => {
  const update = vi.fn()
  let now = 0
  const { onLook, stop } = lookProgress(
    () => now,
    () => ({ update, stop: () => {} }),
  )
  for (now = 0; now < 1_000; now += 10) onLook({ bytes: now * 1_000, total: 50 * GB })
  expect(update).not.toHaveBeenCalled()
  now = 1_000
  onLook({ bytes: GB, total: 50 * GB })
  onLook({ bytes: GB + 65_536, total: 50 * GB })
  expect(update.mock.calls).toEqual([[{ done: 1_000, total: 50_000 }]])
  stop()
})

it('tells bytes, rate and the time that is left in plain lines where there is no terminal', () => {
  const isTTY = Object.getOwnPropertyDescriptor(process.stderr, 'isTTY')
  Object.defineProperty(process.stderr, 'isTTY', { value: false, configurable: true })
  const lines: string[] = []
  const write = vi.spyOn(process.stderr, 'write').mockImplementation((text) => lines.push(String(text)) > 0)
  try {
    let now = 0
    const { onLook, stop } = lookProgress(
      () => now,
      () => openProgress('MB', () => now, 'looked through'),
    )
    for (now = 0; now <= 20_000; now += 100) onLook({ bytes: now * 400_000, total: 50 * GB })
    stop()
  } finally {
    write.mockRestore()
    if (isTTY === undefined) Reflect.deleteProperty(process.stderr, 'isTTY')
    else Object.defineProperty(process.stderr, 'isTTY', isTTY)
  }
  expect(lines[0]).toMatch(/^40\d\d of 50000 MB looked through, 400.0 a second, 2 min left\n$/)
  expect(lines).toHaveLength(1)
})
