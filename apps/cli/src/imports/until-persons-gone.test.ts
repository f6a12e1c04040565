import { afterEach, describe, expect, it, vi } from 'vitest'
import type { ServerWork } from '../command/server-action.ts'
import { CommandFault } from '../server/command-fault.ts'
import { untilPersonsGone } from './until-persons-gone.ts'

const PATH = '/imports/i'

/** A server that gives these answers, one after the other: how many persons are left, or a status. */
function aServer(answers: readonly ({ readonly left: number } | { readonly status: number })[]) {
  const asked: string[] = []
  const calls = {
    ask: async ({ path }: { readonly path: string }) => {
      const answer = answers[asked.length] ?? { status: 404 }
      asked.push(path)
      if ('status' in answer) throw new CommandFault('no', 1, answer.status)
      return { value: { count: answer.left, deleting: true } }
    },
  }
  const stopping = new AbortController()
  const work = { calls, signal: stopping.signal } as unknown as ServerWork<unknown>
  return { asked, stopping, until: () => untilPersonsGone(work, PATH, 48) }
}

describe('the deletion of an import with its persons', () => {
  afterEach(() => void vi.restoreAllMocks())

  it('is waited for until nobody is left', async () => {
    const { asked, until } = aServer([{ left: 48 }, { left: 17 }, { left: 0 }])
    await until()
    expect(asked).toEqual(Array(3).fill(`${PATH}?persons=created&dryRun=true`))
  })

  it('is over once the import is gone, too', async () => {
    const { asked, until } = aServer([{ left: 17 }, { status: 404 }])
    await until()
    expect(asked).toHaveLength(2)
  })

  it('fails if the server cannot tell', async () => {
    await expect(aServer([{ status: 503 }]).until()).rejects.toMatchObject({ status: 503 })
  })

  it('goes on without a command that is stopped, which says so', async () => {
    const said: string[] = []
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0)
    const { stopping, until } = aServer([{ left: 48 }, { left: 48 }])
    const waiting = until()
    setTimeout(() => stopping.abort(new Error('stopped')), 50)
    await expect(waiting).rejects.toThrow()
    expect(said.join('')).toContain('It goes on without this command')
  })
})
