import { describe, expect, it } from 'vitest'
import { type GateRequest, LaneGate } from './lane-gate.ts'

function aRequest(request: Partial<GateRequest> = {}): GateRequest {
  return { lane: 'search', ticket: 0, weight: 1, ...request }
}

/** Enters and stays until told. */
function stay(
  gate: LaneGate,
  request: GateRequest,
): { readonly done: Promise<void>; readonly leave: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { done: gate.pass(request, () => promise), leave: resolve }
}

describe('lane gate', () => {
  it('lets in no more weight than fits, and the next when one leaves', async () => {
    const gate = new LaneGate(10)
    const first = stay(gate, aRequest({ weight: 6 }))
    let hasEntered = false
    const second = gate.pass(aRequest({ weight: 5 }), async () => {
      hasEntered = true
    })
    await Promise.resolve()
    expect(hasEntered).toBe(false)
    first.leave()
    await second
    expect(hasEntered).toBe(true)
    await first.done
  })

  it('lets a weight above its capacity pass alone', async () => {
    const gate = new LaneGate(10)
    expect(await gate.pass(aRequest({ weight: 99 }), async () => 'through')).toBe('through')
    expect(await gate.pass(aRequest({ weight: 10 }), async () => 'free again')).toBe('free again')
  })

  it('lets a search pass bulk work that has waited longer', async () => {
    const gate = new LaneGate(1)
    const first = stay(gate, aRequest())
    const entered: string[] = []
    const bulk = gate.pass(aRequest({ lane: 'bulk', ticket: 1 }), async () => entered.push('bulk'))
    const search = gate.pass(aRequest({ lane: 'search', ticket: 2 }), async () => entered.push('search'))
    first.leave()
    await Promise.all([bulk, search, first.done])
    expect(entered).toEqual(['search', 'bulk'])
  })

  it('rejects with the reason of the abort and lets the next one in', async () => {
    const gate = new LaneGate(2)
    const first = stay(gate, aRequest())
    const aborting = new AbortController()
    const large = gate.pass(aRequest({ weight: 2, signal: aborting.signal }), async () => 'never')
    const small = gate.pass(aRequest({ ticket: 1 }), async () => 'in')
    aborting.abort(new Error('gone'))
    await expect(large).rejects.toThrow('gone')
    expect(await small).toBe('in')
    first.leave()
    await first.done
  })

  it('frees the place of a use that failed', async () => {
    const gate = new LaneGate(1)
    await expect(gate.pass(aRequest(), () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
    expect(await gate.pass(aRequest(), async () => 'in')).toBe('in')
  })
})
