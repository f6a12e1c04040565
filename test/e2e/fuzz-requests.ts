import { request } from 'node:http'
import { connect } from 'node:net'

export interface FuzzCall {
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

export interface FuzzAnswer {
  readonly status: number
  readonly retryAfter: string | undefined
  readonly text: string
}

/** Longer than any deadline of the server for what these requests ask. */
const PATIENCE_MS = 50_000

/** What has not been answered by then waits for more of its body, which will not come. */
const HURRY_MS = 500

/** Sends what `fetch` would tidy up or refuse. Rejects if the line is cut without an answer, or nothing comes. */
export function send(base: string, call: FuzzCall): Promise<FuzzAnswer> {
  const { hostname, port } = new URL(base)
  const { method, path, headers = {}, body } = call
  return new Promise((resolve, reject) => {
    const options = { hostname, port, method, path, headers, agent: false, timeout: PATIENCE_MS }
    const sent = request(options, async (answer) => {
      const chunks: Buffer[] = []
      try {
        for await (const chunk of answer) chunks.push(chunk)
        const text = Buffer.concat(chunks).toString()
        resolve({ status: answer.statusCode ?? 0, retryAfter: answer.headers['retry-after'], text })
      } catch (error) {
        reject(error)
      }
    })
    sent.on('error', reject).on('timeout', () => sent.destroy(new Error(`no answer: ${method} ${path}`)))
    sent.end(body)
  })
}

/** Bytes as they are; whatever answers came before the line was closed, without their bodies. */
export async function sendBytes(
  base: string,
  bytes: Uint8Array,
): Promise<readonly Pick<FuzzAnswer, 'status' | 'retryAfter'>[]> {
  const { hostname, port } = new URL(base)
  const socket = connect({ port: Number(port), host: hostname, timeout: HURRY_MS })
  // Not at once: Node's server drops the request of a caller who hangs up before its answer is there.
  socket.once('data', () => socket.end())
  socket.once('timeout', () => {
    socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error('the line stayed open')))
    socket.end()
  })
  let text = ''
  socket.on('error', () => {})
  socket.write(bytes)
  try {
    for await (const chunk of socket) text += String(chunk)
  } catch {
    // Cut off by the server, which is its right.
  }
  return text.split(/^(?=HTTP\/1\.1 \d{3} )/m).flatMap((answer) => {
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1] ?? 0)
    return status === 0 ? [] : [{ status, retryAfter: /^retry-after: (.*)\r$/im.exec(answer)?.[1] }]
  })
}
