/** An answer as it came: the body as bytes, and as JSON where it is that. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly bytes: Buffer
  // biome-ignore lint/suspicious/noExplicitAny: black-box tests judge what came, whatever it is
  readonly json: any
}

/** The bare contract over HTTP; paths without `/api`. */
export interface Calls {
  ask(method: string, path: string, body?: unknown): Promise<Answer>
  createPerson(fields: Readonly<Record<string, unknown>>): Promise<string>
  createGroup(name: string): Promise<string>
  addImage(personId: string, picture: Buffer): Promise<Answer>
  search(picture: Buffer, options?: Readonly<Record<string, unknown>>): Promise<Answer>
  /** Every stored image id of a person, up to a thousand. */
  imageIds(personId: string): Promise<string[]>
}

export function callsTo(server: { readonly url: string }): Calls {
  const ask = (method: string, path: string, body?: unknown) =>
    askJson(`${server.url}/api${path}`, method, body)
  const idOf = async (path: string, body: unknown) => {
    const { status, json } = await ask('POST', path, body)
    if (status !== 201) throw new Error(`${path} answered ${status}: ${json?.type} ${json?.msg}`)
    return json.id as string
  }
  return {
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

/** Strings and bytes go as they are, anything else as JSON. */
export async function askJson(url: string, method: string, body?: unknown): Promise<Answer> {
  const isRaw = typeof body === 'string' || body instanceof Uint8Array
  const answer = await fetch(url, {
    method,
    ...(body === undefined
      ? {}
      : {
          headers: { 'content-type': 'application/json' },
          body: (isRaw ? body : JSON.stringify(body)) as RequestInit['body'] & {},
        }),
  })
  const bytes = Buffer.from(await answer.arrayBuffer())
  const isJson = answer.headers.get('content-type')?.includes('json') === true && bytes.length > 0
  return {
    status: answer.status,
    headers: answer.headers,
    bytes,
    json: isJson ? JSON.parse(bytes.toString()) : null,
  }
}
