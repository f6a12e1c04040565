import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { anIndexEntry } from '@semblance/testkit'
import { afterEach, expect, it } from 'vitest'
import { upsertPoints } from './point-writes.ts'
import { isMissingCollection, QdrantCalls } from './qdrant-calls.ts'

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

type Answer = { readonly status: number; readonly body: unknown } | 'nothing'

/** A node that gives these answers one after the other, the last one for ever. Whether it is in step is not counted. */
async function aNode(...answers: readonly Answer[]) {
  const asked: IncomingHttpHeaders[] = []
  const server = createServer((request, response) => {
    request.resume()
    if (request.url === '/cluster') {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ result: { status: 'disabled' } }))
      return
    }
    const answer = answers[Math.min(asked.length, answers.length - 1)]!
    asked.push(request.headers)
    if (answer === 'nothing') return
    response.writeHead(answer.status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answer.body))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as { port: number }
  return { url: `http://127.0.0.1:${port}`, asked }
}

const counted = (count: number): Answer => ({ status: 200, body: { result: { count } } })
const failing = (status: number): Answer => ({ status, body: { status: { error: 'Ada is 0.125' } } })
const written = (status: string): Answer => ({ status: 200, body: { result: { status, operation_id: 1 } } })

function callsTo(...urls: readonly string[]) {
  return patientCallsTo(2_000, urls)
}

function patientCallsTo(timeoutMs: number, urls: readonly string[]) {
  return new QdrantCalls({
    urls,
    timeoutMs,
    clock: { monotonic: () => performance.now() },
    random: () => 0,
  })
}

const count = (calls: QdrantCalls) =>
  calls.run((api, { init }) => api.countPoints({ collection_name: 'any', exact: true }, init))

it.each([500, 503, 429])('repeats at the next node what one answers with %s', async (status) => {
  const [sick, well] = [await aNode(failing(status)), await aNode(counted(7))]
  expect(await count(callsTo(sick.url, well.url))).toEqual({ count: 7 })
  expect([sick.asked.length, well.asked.length]).toEqual([1, 1])
})

it.each([
  400, 403, 404,
])('does not repeat what is refused with %s, and tells nothing of it', async (status) => {
  const [sick, well] = [await aNode(failing(status)), await aNode(counted(7))]
  const fault = await count(callsTo(sick.url, well.url)).catch((error: unknown) => error)
  expect(fault).toMatchObject({ code: 'E_INDEX_UNAVAILABLE', cause: { status } })
  expect(isMissingCollection(fault)).toBe(status === 404)
  expect(String((fault as Error).cause)).not.toMatch(/Ada/)
  expect(well.asked).toEqual([])
})

it('leaves a node that does not answer alone for a while', async () => {
  const [hanging, well] = [await aNode('nothing'), await aNode(counted(7))]
  const calls = callsTo(hanging.url, well.url)
  for (let turn = 0; turn < 6; turn++) expect(await count(calls)).toEqual({ count: 7 })
  expect(hanging.asked).toHaveLength(1)
})

it('gives up within its time limit when no node answers', async () => {
  const nodes = [await aNode('nothing'), await aNode('nothing')]
  const began = performance.now()
  const call = count(callsTo(...nodes.map(({ url }) => url)))
  await expect(call).rejects.toMatchObject({ code: 'E_INDEX_UNAVAILABLE' })
  expect(performance.now() - began).toBeLessThan(4_000)
})

it('gives up soon when every node fails at once', async () => {
  const sick = await aNode(failing(500))
  await expect(count(callsTo(sick.url))).rejects.toMatchObject({ code: 'E_INDEX_UNAVAILABLE' })
  expect(sick.asked.length).toBeGreaterThan(1)
  expect(sick.asked.length).toBeLessThan(10)
})

it('declines compressed answers, which cost 40 ms a call', async () => {
  const node = await aNode(counted(7))
  await count(callsTo(node.url))
  expect(node.asked[0]?.['accept-encoding']).toBe('identity')
})

it('takes a write that is noted down but not carried out as not done, and repeats it', async () => {
  const node = await aNode(written('acknowledged'), written('wait_timeout'), written('completed'))
  // A busy machine must not make a slow answer a missing one.
  const calls = patientCallsTo(60_000, [node.url])
  await upsertPoints(calls, { collection: 'any', entries: [anIndexEntry()] })
  expect(node.asked).toHaveLength(3)
})
