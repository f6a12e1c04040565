import { checkAnswer } from '@semblance/testkit'

/** An answer as it came: the body as bytes, and as JSON where it is that. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly bytes: Buffer
  // biome-ignore lint/suspicious/noExplicitAny: black-box tests judge what came, whatever it is
  readonly json: any
}

export interface Question {
  readonly method: string
  /** Below the server's own address. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  /** Strings and bytes go as they are, anything else as JSON. */
  readonly body?: unknown
}

/** The bare contract over HTTP; every answer that the public description knows is compared with it. */
export interface Calls {
  /** `METHOD template status` of the answers so far that the public description knows. */
  readonly described: ReadonlySet<string>
  send(question: Question): Promise<Answer>
  /** Paths without `/api`, as in all that follow. */
  ask(method: string, path: string, body?: unknown): Promise<Answer>
  createPerson(fields: Readonly<Record<string, unknown>>): Promise<string>
  createGroup(name: string): Promise<string>
  addImage(personId: string, picture: Buffer): Promise<Answer>
  search(picture: Buffer, options?: Readonly<Record<string, unknown>>): Promise<Answer>
  /** Every stored image id of a person, up to a thousand. */
  imageIds(personId: string): Promise<string[]>
}

export function callsTo(server: { readonly url: string }): Calls {
  const described = new Set<string>()
  const send = async (question: Question) => {
    const answer = await askOf(server, question)
    const known = checkAnswer({ ...question, ...answer })
    if (known !== null) described.add(known)
    return answer
  }
  const ask = (method: string, path: string, body?: unknown) => send({ method, path: `/api${path}`, body })
  const idOf = async (path: string, body: unknown) => {
    const { status, json } = await ask('POST', path, body)
    if (status !== 201) throw new Error(`${path} answered ${status}: ${json?.type} ${json?.msg}`)
    return json.id as string
  }
  return {
    described,
    send,
    ask,
    createPerson: (fields) => idOf('/persons', fields),
    createGroup: (name) => idOf('/groups', { name, metadata: {} }),
    addImage: (personId, picture) => ask('POST', `/persons/${personId}/images`, { image: inBase64(picture) }),
    search: (picture, options = {}) => ask('POST', '/search', { image: inBase64(picture), ...options }),
    imageIds: async (personId) => {
      const { status, json } = await ask('GET', `/persons/${personId}/images`)
      if (status !== 200) throw new Error(`the images of a person answered ${status}`)
      return json.items.map((image: { id: string }) => image.id)
    },
  }
}

export function inBase64(picture: Buffer): { readonly content: string } {
  return { content: picture.toString('base64') }
}

/** Runs `task` over all items, at most `width` at a time; answers in the items' order. */
export async function inParallel<T, R>(
  items: readonly T[],
  width: number,
  task: (item: T) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length)
  const entries = items.entries()
  const lane = async () => {
    for (const [index, item] of entries) results[index] = await task(item)
  }
  await Promise.all(Array.from({ length: width }, lane))
  return results
}

async function askOf(server: { readonly url: string }, question: Question): Promise<Answer> {
  const { method, path, headers = {}, body } = question
  const isRaw = typeof body === 'string' || body instanceof Uint8Array
  const content = isRaw || body === undefined ? body : JSON.stringify(body)
  const answer = await fetch(server.url + path, {
    method,
    redirect: 'manual',
    headers: { ...(content === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(content === undefined ? {} : { body: content as RequestInit['body'] & {} }),
  })
  const bytes = Buffer.from(await answer.arrayBuffer())
  const isJson = /^application\/json\b/.test(answer.headers.get('content-type') ?? '') && bytes.length > 0
  return {
    status: answer.status,
    headers: answer.headers,
    bytes,
    json: isJson ? JSON.parse(bytes.toString()) : null,
  }
}
