import { afterEach, beforeEach, expect, it } from 'vitest'
import { openImportApi, type TestImportApi } from '../testing/open-import-api.ts'

const EVENT = /^event: progress\nid: ([0-9a-f]{16})\ndata: (.+)$/

interface Told {
  readonly id: string
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into by tests only
  readonly view: any
}

let api: TestImportApi
beforeEach(async () => {
  api = await openImportApi()
})
afterEach(() => api.close())

async function addRow(path: string, key: string): Promise<void> {
  const headers = { 'content-type': 'application/x-ndjson' }
  await api.ask('POST', `${path}/rows`, { headers, raw: `${JSON.stringify({ key })}\n` })
  await expect
    .poll(async () => (await api.ask('GET', path)).json.rows, { timeout: 5_000 })
    .toMatchObject({ waiting: 0, underWay: 0 })
}

/** Events as they come; who stops reading is cut off. */
async function* follow(path: string, lastEventId?: string): AsyncGenerator<Told> {
  const headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId }
  const { body } = await fetch(`${api.url}${path}/events`, { headers })
  let text = ''
  for await (const piece of body!.pipeThrough(new TextDecoderStream())) {
    const parts = (text + piece).split('\n\n')
    text = parts.pop() ?? ''
    for (const part of parts) {
      const [, id, data] = EVENT.exec(part) ?? []
      if (id !== undefined) yield { id, view: JSON.parse(data!) }
    }
  }
}

it('tells its progress as events until it has ended', async () => {
  const path = await api.begin()
  await addRow(path, 'a')
  await api.finish(path)
  const { text, headers } = await api.ask('GET', `${path}/events`)
  expect(headers.get('content-type')).toBe('text/event-stream')
  expect(text).toMatch(/^event: progress\nid: [0-9a-f]{16}\ndata: \{.*"state":"done".*\}\n\n$/)
})

it('goes on with what is new for whoever was cut off and names the last event', async () => {
  const path = await api.begin()
  await addRow(path, 'a')
  const cut = follow(path)
  const { value: first } = await cut.next()
  await cut.return(undefined)
  expect(first!.view).toMatchObject({ state: 'open', rows: { total: 1, ended: 1 } })
  const again = follow(path, first!.id)
  const next = again.next()
  await addRow(path, 'b')
  const { value: second } = await next
  expect(second!.view.rows, 'what was told before is not told again').toMatchObject({ total: 2 })
  await api.finish(path)
  const events = [first!, second!]
  for await (const event of again) events.push(event)
  expect(events.at(-1)!.view).toMatchObject({ state: 'done', rows: { total: 2, ended: 2 } })
  expect(new Set(events.map(({ id }) => id)).size, 'each state is told once').toBe(events.length)
  const over = await api.ask('GET', `${path}/events`, { headers: { 'last-event-id': events.at(-1)!.id } })
  expect(over.status).toBe(204)
  // Whoever names an event of before hears the end, and nothing else.
  const ended = []
  for await (const event of follow(path, first!.id)) ended.push(event)
  expect(ended).toEqual([events.at(-1)])
})
