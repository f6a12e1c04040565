import { packMismatch, storeUnavailable } from '@semblance/core'
import { describe, expect, it } from 'vitest'
import { untilAvailable } from './until-available.ts'

function aWait() {
  const lines: string[] = []
  const note = (_: object, message: string) => void lines.push(message)
  const stopping = new AbortController()
  return {
    lines,
    stopping,
    wait: { what: 'MongoDB', signal: stopping.signal, logger: { warn: note, info: note } },
  }
}

describe('waiting for a server', () => {
  it('tries again until it answers, and says so once', async () => {
    const { wait, lines } = aWait()
    let tries = 0
    const open = async () => {
      tries += 1
      if (tries < 3) throw storeUnavailable(new Error('refused'))
      return 'open'
    }
    expect(await untilAvailable(open, wait)).toBe('open')
    expect(lines).toEqual(['waiting for MongoDB', 'MongoDB is there'])
  })

  it('tells why each try came to nothing, for whoever gives up', async () => {
    const { wait } = aWait()
    const told: string[] = []
    let tries = 0
    const open = async () => {
      tries += 1
      if (tries < 3) throw storeUnavailable(new Error(`refused ${tries}`))
    }
    await untilAvailable(open, { ...wait, onWaiting: (what, reason) => void told.push(`${what}: ${reason}`) })
    expect(told).toEqual(['MongoDB: refused 1', 'MongoDB: refused 2'])
  })

  it('says nothing of a server that is there', async () => {
    const { wait, lines } = aWait()
    expect(await untilAvailable(async () => 7, wait)).toBe(7)
    expect(lines).toEqual([])
  })

  it.each([
    ['a fault that no waiting mends', packMismatch('a@1', 'b@1')],
    ['a mistake of ours', new TypeError('x')],
  ])('passes on %s at once', async (_, fault) => {
    await expect(untilAvailable(() => Promise.reject(fault), aWait().wait)).rejects.toBe(fault)
  })

  it('ends with the reason of the signal', async () => {
    const { wait, stopping } = aWait()
    const reason = new Error('stopping')
    const waiting = untilAvailable(() => Promise.reject(storeUnavailable(new Error('refused'))), wait)
    stopping.abort(reason)
    await expect(waiting).rejects.toBe(reason)
  })
})
