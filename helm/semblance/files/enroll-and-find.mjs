// `helm test`: through the Service, a person is created, enrolled with a drawn face, found again and deleted.
import { readFileSync } from 'node:fs'

const { URL_OF_GATEWAYS: url, KEYS_FILE: keysFile } = process.env
const WITHIN_MS = 30_000
const key = keysFile ? readFileSync(keysFile, 'utf8').split(/[,\n]/)[0].trim() : ''
const face = new Blob([readFileSync(new URL('drawn-face.jpg', import.meta.url))], { type: 'image/jpeg' })

async function call(method, path, body) {
  const headers = { ...(key && { 'X-API-Key': key }) }
  if (typeof body === 'string') headers['Content-Type'] = 'application/json'
  const signal = AbortSignal.timeout(WITHIN_MS)
  const answer = await fetch(`${url}${path}`, { method, headers, body, signal })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
  return text === '' ? null : JSON.parse(text)
}

function picture() {
  const form = new FormData()
  form.set('image', face, 'drawn-face.jpg')
  return form
}

const { id } = await call('POST', '/api/persons', JSON.stringify({ name: 'helm test' }))
try {
  await call('POST', `/api/persons/${id}/images`, picture())
  const { persons = [] } = await call('POST', '/api/search', picture())
  if (!persons.some((person) => person.id === id))
    throw new Error('the person was enrolled, and is not found')
  console.log('enrolled and found')
} finally {
  await call('DELETE', `/api/persons/${id}`)
}
