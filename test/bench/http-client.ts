import { Agent, request } from 'node:http'
import { timeMs } from './measure.ts'

export interface HttpAnswer {
  readonly status: number
  readonly body: Buffer
}

export interface HttpClient {
  /** A body makes it a POST of JSON. */
  send(path: string, body?: Uint8Array): Promise<HttpAnswer>
  close(): void
}

/** Connections kept open, bodies made beforehand: the client takes as little of the machine as it can. */
export function openHttpClient(url: string): HttpClient {
  const agent = new Agent({ keepAlive: true })
  return {
    send: (path, body) =>
      new Promise((resolve, reject) => {
        const headers =
          body === undefined ? {} : { 'content-type': 'application/json', 'content-length': body.byteLength }
        const call = request(`${url}${path}`, {
          agent,
          headers,
          method: body === undefined ? 'GET' : 'POST',
        })
        call.once('error', reject)
        call.once('response', (answer) => {
          const parts: Buffer[] = []
          answer.on('data', (part: Buffer) => parts.push(part))
          answer.once('error', reject)
          answer.once('end', () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(parts) }))
        })
        call.end(body)
      }),
    close: () => agent.destroy(),
  }
}

/** Body of a search by that picture, and of its enrollment. */
export function searchBody(picture: Uint8Array): Uint8Array {
  return Buffer.from(JSON.stringify({ image: { content: Buffer.from(picture).toString('base64') } }))
}

/** Of somebody without pictures. */
export async function createPerson(client: HttpClient, name: string): Promise<string> {
  const { status, body } = await client.send('/api/persons', Buffer.from(JSON.stringify({ name })))
  if (status !== 201) throw new Error(`a person was answered with ${status}`)
  return (JSON.parse(body.toString()) as { readonly id: string }).id
}

/** Throws unless the picture was enrolled. */
export async function enrollOnce(client: HttpClient, personId: string, body: Uint8Array): Promise<void> {
  const { status } = await client.send(`/api/persons/${personId}/images`, body)
  if (status !== 200) throw new Error(`an enrollment was answered with ${status}`)
}

/** Throws unless somebody was looked for and found, so that no error answer passes for a fast one. */
export async function searchOnce(client: HttpClient, body: Uint8Array): Promise<void> {
  const { status, body: text } = await client.send('/api/search', body)
  const { persons } = JSON.parse(text.toString()) as { readonly persons?: readonly unknown[] }
  if (status !== 200 || persons?.length !== 1)
    throw new Error(`a search was answered with ${status} and ${persons?.length ?? 'no'} persons`)
}

/** What searches by these bodies in turn take, in milliseconds, one after the other for so long. */
export async function searchesDuring(
  { client, bodies }: { readonly client: HttpClient; readonly bodies: readonly Uint8Array[] },
  ms: number,
): Promise<readonly number[]> {
  const times: number[] = []
  const until = performance.now() + ms
  for (let i = 0; performance.now() < until; i++)
    times.push(await timeMs(() => searchOnce(client, bodies[i % bodies.length]!)))
  return times
}
