import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { StoreCall, ThreadRequest } from '../store-messages.ts'
import { CallsOfATurn } from './calls-of-a-turn.ts'

function aCall(ticket: number, ...args: readonly unknown[]): StoreCall {
  return { ticket, nowMs: 0, name: 'persons.find', args }
}

/** Clones as a thread's port does, and keeps what it was sent: the tickets of each message. */
function aPort() {
  const sent: number[][] = []
  const refused: number[] = []
  const calls = new CallsOfATurn(
    {
      postMessage: (request: ThreadRequest) => {
        structuredClone(request)
        sent.push(request.kind === 'calls' ? request.calls.map(({ ticket }) => ticket) : [])
      },
    },
    ({ ticket }) => refused.push(ticket),
  )
  return { calls, sent, refused }
}

describe('calls of the store that are made in one turn', () => {
  it('go in one message, with those of callers who go on in that turn', async () => {
    const { calls, sent } = aPort()
    const answered = Promise.withResolvers<void>()
    const callers = [1, 2, 3].map(async (ticket) => {
      await answered.promise
      if (ticket === 2) await Promise.resolve()
      calls.ask(aCall(ticket))
    })
    answered.resolve()
    await Promise.all(callers)
    await nextTurn()
    expect(sent.map((tickets) => tickets.toSorted())).toEqual([[1, 2, 3]])
    calls.ask(aCall(4))
    await nextTurn()
    expect(sent).toHaveLength(2)
  })

  it('go at once when they are many, in the order in which they were made', async () => {
    const { calls, sent } = aPort()
    for (let ticket = 1; ticket <= 130; ticket++) calls.ask(aCall(ticket))
    expect(sent.map(({ length }) => length)).toEqual([64, 64])
    await nextTurn()
    expect(sent.flat()).toEqual(Array.from({ length: 130 }, (_, i) => i + 1))
  })

  it('go without one that cannot go to another thread, whose caller alone is told', async () => {
    const { calls, sent, refused } = aPort()
    calls.ask(aCall(1))
    calls.ask(aCall(2, () => {}))
    calls.ask(aCall(3))
    await nextTurn()
    expect({ sent, refused }).toEqual({ sent: [[1], [3]], refused: [2] })
  })

  it('go before what the store is told next, if that is asked for', () => {
    const { calls, sent } = aPort()
    calls.ask(aCall(1))
    calls.send()
    expect(sent).toEqual([[1]])
  })
})
