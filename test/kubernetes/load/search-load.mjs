// Runs in a pod: searches through the Service at a rate that may be changed, and tells what came of each. It asks whether or
// not earlier searches are answered, as callers who do not know of each other do.
// Beside that, some callers list groups again and again, each over a connection that it keeps.
//   GET /rate?perSecond=3   GET /results   GET /listings   GET /finish (rate 0, and waits for the answers)
import { readdirSync, readFileSync } from 'node:fs'
import { Agent, createServer, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

const { URL_OF_GATEWAYS: url, KEYS_FILE: keysFile } = process.env
const PORT = 8080
/** A caller who is told to come again gives up after so long. */
const PATIENCE_MS = 90_000
/** Longer than the server's own deadline, so that the server says what is wrong. */
const ANSWER_MS = 30_000
const [key] = readFileSync(keysFile, 'utf8').trim().split('\n')
const photos = readdirSync('/photos')
  .filter((name) => name.endsWith('.jpg'))
  .map((name) => ({
    name: name.replace('.jpg', ''),
    content: readFileSync(`/photos/${name}`).toString('base64'),
  }))

/** Every other search goes over a connection that is used again; the others open one each. */
const agents = [new Agent({ keepAlive: true, maxSockets: 64 }), false]
/** Callers who list groups, and how long each waits before it asks again. */
const LISTERS = 10
const LIST_EVERY_MS = 40
const results = []
/** What came of listings, by status or fault. */
const listings = {}
let perSecond = 0
let asked = 0
let open = 0

function ask(agent, body) {
  const headers = { 'Content-Type': 'application/json', 'X-API-Key': key, 'Content-Length': body.length }
  return call('POST /api/search', { agent, headers, body })
}

/** Resolves with status and body, or with the code of the fault. */
function call(what, { agent, headers, body }) {
  const [method, path] = what.split(' ')
  return new Promise((resolve) => {
    const req = request(`${url}${path}`, { method, agent, headers, timeout: ANSWER_MS }, (res) => {
      const parts = []
      res.on('data', (part) => parts.push(part))
      res.on('error', (error) => resolve({ fault: error.code ?? error.message }))
      res.on('end', () => {
        const retryAfter = Number(res.headers['retry-after'] ?? Number.NaN)
        resolve({ status: res.statusCode, retryAfter, text: Buffer.concat(parts).toString() })
      })
    })
    req.on('timeout', () => req.destroy(Object.assign(new Error('late'), { code: 'ETIMEDOUT' })))
    req.on('error', (error) => resolve({ fault: error.code ?? error.message }))
    req.end(body)
  })
}

async function search(number) {
  const photo = photos[number % photos.length]
  const agent = agents[number % agents.length]
  const body = Buffer.from(JSON.stringify({ image: { content: photo.content } }))
  const [at, begun] = [Date.now(), performance.now()]
  const tries = []
  let isFound = false
  for (;;) {
    const { status, fault, retryAfter, text = '' } = await ask(agent, body)
    const answer = text.startsWith('{') ? JSON.parse(text) : {}
    tries.push(fault ?? (status === 200 ? '200' : `${status} ${answer.type ?? ''}`.trim()))
    isFound = (answer.persons ?? []).some(({ name }) => name === photo.name)
    if (status !== 503 || !(retryAfter > 0)) break
    if (performance.now() - begun + retryAfter * 1000 > PATIENCE_MS) break
    // Not all at the same moment.
    await sleep(retryAfter * 1000 * (1 + Math.random() / 4))
  }
  results.push({ at, ms: Math.round(performance.now() - begun), tries, isFound })
}

async function list() {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  for (;;) {
    await sleep(LIST_EVERY_MS)
    if (perSecond === 0) continue
    const { status, fault } = await call('GET /api/groups', { agent, headers: { 'X-API-Key': key } })
    const came = fault ?? String(status)
    listings[came] = (listings[came] ?? 0) + 1
  }
}

async function goOn() {
  let next = performance.now()
  for (;;) {
    if (perSecond === 0) {
      await sleep(50)
      next = performance.now()
      continue
    }
    await sleep(Math.max(0, next - performance.now()))
    next += 1000 / perSecond
    open += 1
    void search(asked++).finally(() => {
      open -= 1
    })
  }
}

async function answerTo({ pathname, searchParams }) {
  if (pathname === '/rate') perSecond = Number(searchParams.get('perSecond'))
  if (pathname === '/finish') {
    perSecond = 0
    while (open > 0) await sleep(50)
  }
  if (pathname === '/results') return results
  if (pathname === '/listings') return listings
  return { asked, open, perSecond }
}

createServer(async (req, res) => {
  const answer = await answerTo(new URL(req.url, 'http://load'))
  res.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer))
}).listen(PORT)
process.on('SIGTERM', () => process.exit(0))
for (let lister = 0; lister < LISTERS; lister++) void list()
await goOn()
