import { describe, expect, it } from 'vitest'
import { PictureTurns } from '../../apps/console/src/routes/search/picture-turns.ts'

describe('turns of pictures', () => {
  const never = new AbortController().signal
  /** Tasks that end when they are told to, and the order in which they began. */
  const open = () => {
    const turns = new PictureTurns()
    const begun: string[] = []
    const ends = new Map<string, () => void>()
    const add = (id: string, signal = never) =>
      turns.run(
        id,
        () =>
          new Promise<void>((resolve) => {
            begun.push(id)
            ends.set(id, resolve)
          }),
        signal,
      )
    const end = async (id: string, done: Promise<void>) => {
      ends.get(id)?.()
      await done
    }
    return { turns, begun, add, end }
  }

  it('let three work at once, and the others wait in their order, the one that is shown before them', async () => {
    const { turns, begun, add, end } = open()
    const [a] = [add('a'), add('b'), add('c'), add('d'), add('e'), add('f')]
    expect(begun).toEqual(['a', 'b', 'c'])
    turns.prefer('f')
    await end('a', a!)
    expect(begun).toEqual(['a', 'b', 'c', 'f'])
  })

  it('end what was begun with a picture before they begin with the next', async () => {
    const { begun, add, end } = open()
    const [a] = ['a', 'b', 'c', 'd'].map((id) => add(id))
    void add('a')
    await end('a', a!)
    expect(begun).toEqual(['a', 'b', 'c', 'a'])
  })

  it('go on after a task that failed, and pass over one that nobody waits for any more', async () => {
    const stop = new AbortController()
    const { turns, begun, add, end } = open()
    const failing = () => turns.run('x', () => Promise.reject(new Error('refused')), never)
    await Promise.all(Array.from({ length: 5 }, () => expect(failing()).rejects.toThrow('refused')))
    const [a] = ['a', 'b', 'c'].map((id) => add(id))
    const left = add('left', stop.signal)
    void add('last')
    stop.abort(new Error('cleared'))
    await expect(left).rejects.toThrow('cleared')
    await end('a', a!)
    expect(begun).toEqual(['a', 'b', 'c', 'last'])
  })
})
