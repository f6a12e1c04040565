import { expect, it } from 'vitest'
import { UrgentWork } from './urgent-work.ts'

it('lets other work wait until what is urgent has ended, however it ends', async () => {
  const urgent = new UrgentWork()
  const ended: string[] = []
  const search = Promise.withResolvers<void>()
  const searching = urgent.run(() => search.promise).catch(() => ended.push('search'))
  const other = urgent.giveWay().then(() => ended.push('other'))
  search.reject(new Error('it failed'))
  await Promise.all([searching, other])
  expect(ended).toEqual(['search', 'other'])
})

it('does not let it wait for ever, nor after its caller has left', async () => {
  const urgent = new UrgentWork()
  void urgent.run(() => new Promise(() => {}))
  await expect(urgent.giveWay()).resolves.toBeUndefined()
  const reason = new Error('the caller left')
  await expect(urgent.giveWay({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
})
