/** The calls that only a bulk load and a measurement need: the adapter has none of them. */
export interface QdrantCollection {
  readonly url: string
  /** The collection, or its alias. */
  readonly name: string
}

/** Loads without a graph are as fast as Qdrant writes. */
const NO_GRAPH = 0
/** Qdrant's own default: segments of more than this many KB get a graph. */
const GRAPH_FROM_KB = 10_000
const LOOK_EVERY_MS = 1_000
/** A number is sent in steps of 1e-5: it is short to send, and a cosine of 512 of them is right to about 1e-5. */
const STEPS = 1e5

export interface LoadedPoint {
  readonly id: string
  readonly values: Float32Array
  readonly payload: Readonly<Record<string, unknown>>
}

/** The first one whose name begins so. */
export async function collectionOf(url: string, prefix: string): Promise<QdrantCollection> {
  const answer = await fetch(`${url}/collections`)
  const { result } = (await answer.json()) as {
    readonly result: { readonly collections: readonly { readonly name: string }[] }
  }
  const found = result.collections.find(({ name }) => name.startsWith(prefix))
  if (found === undefined) throw new Error(`Qdrant has no collection ${prefix}`)
  return { url, name: found.name }
}

/** Puts off the building of graphs, or begins it. */
export async function deferGraph(collection: QdrantCollection, isDeferred: boolean): Promise<void> {
  const indexing_threshold = isDeferred ? NO_GRAPH : GRAPH_FROM_KB
  await ask(collection, { method: 'PATCH', path: '', body: { optimizers_config: { indexing_threshold } } })
}

export async function quantize(collection: QdrantCollection): Promise<void> {
  const quantization_config = { scalar: { type: 'int8', always_ram: true } }
  await ask(collection, { method: 'PATCH', path: '', body: { quantization_config } })
}

export async function writePoints(
  collection: QdrantCollection,
  points: readonly LoadedPoint[],
): Promise<void> {
  const bodies = points.map(
    ({ id, values, payload }) =>
      `{"id":"${id}","vector":[${textOf(values)}],"payload":${JSON.stringify(payload)}}`,
  )
  await ask(collection, { method: 'PUT', path: '/points?wait=true', body: `{"points":[${bodies.join()}]}` })
}

function textOf(values: Float32Array): string {
  let text = ''
  for (let at = 0; at < values.length; at++)
    text += `${at > 0 ? ',' : ''}${Math.round(values[at]! * STEPS)}e-5`
  return text
}

export async function countPoints(collection: QdrantCollection): Promise<number> {
  const body = { exact: true }
  return (await ask<{ count: number }>(collection, { method: 'POST', path: '/points/count', body })).count
}

export interface CollectionState {
  readonly status: 'green' | 'yellow' | 'grey' | 'red'
  readonly indexed_vectors_count: number
  readonly segments_count: number
}

export function stateOf(collection: QdrantCollection): Promise<CollectionState> {
  return ask(collection, { method: 'GET', path: '' })
}

/** Resolves once all graphs are built. Tells of each look. */
export async function untilGreen(
  collection: QdrantCollection,
  told: (state: CollectionState) => void,
): Promise<void> {
  for (let greens = 0; greens < 3; ) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
    const state = await stateOf(collection)
    told(state)
    // It is green for a moment between one round of optimizing and the next.
    greens = state.status === 'green' ? greens + 1 : 0
  }
}

/** The persons of the nearest points, by looking at every point: each once, best first. */
export async function nearestExactly(
  collection: QdrantCollection,
  question: { readonly values: Float32Array; readonly filter: unknown; readonly limit: number },
): Promise<readonly string[]> {
  const { points } = await ask<{ points: readonly { payload: { personId: string } }[] }>(collection, {
    method: 'POST',
    path: '/points/query?timeout=120',
    body: {
      query: Array.from(question.values),
      limit: question.limit * 4,
      with_payload: ['personId'],
      params: { exact: true },
      ...(question.filter !== null && { filter: question.filter }),
    },
  })
  return [...new Set(points.map(({ payload }) => payload.personId))].slice(0, question.limit)
}

interface Call {
  readonly method: 'GET' | 'PUT' | 'POST' | 'PATCH'
  readonly path: string
  /** JSON, or what is to be written as JSON. */
  readonly body?: unknown
}

const TRIES = 5
const PAUSE_MS = 2_000

async function ask<Result>(collection: QdrantCollection, call: Call): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await askOnce(collection, call)
    } catch (fault) {
      // Qdrant closes connections that were idle; all calls here may be repeated.
      if (!(fault instanceof TypeError) || tries === TRIES) throw fault
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
  }
}

async function askOnce<Result>(
  { url, name }: QdrantCollection,
  { method, path, body }: Call,
): Promise<Result> {
  const answer = await fetch(`${url}/collections/${name}${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`Qdrant answered ${answer.status}: ${text.slice(0, 500)}`)
  return (JSON.parse(text) as { readonly result: Result }).result
}
