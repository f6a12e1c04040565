import { sleep } from './measure.ts'

interface ImportView {
  readonly state: string
  readonly createdAt: string
  readonly endedAt?: string
  readonly rows: {
    readonly underWay: number
    readonly ended: number
    readonly byOutcome: Readonly<Record<string, number>>
  }
}

/** As the command does: each look counts rows in the store, which is work, too. */
const LOOK_EVERY_MS = 1_000
/** Far above what any of these takes: a stuck import must not hang the benchmark. */
const GIVE_UP_MS = 3_600_000
const MOST_TRIES = 30
const AGAIN_AFTER_MS = 1_000

/** One import, by HTTP; throws at whatever is answered with another status than 2xx. */
export class ImportClient {
  readonly #url: string

  private constructor(url: string) {
    this.#url = url
  }

  static async begin(server: string): Promise<ImportClient> {
    const url = `${server}/api/imports`
    const made = (await ask(url, { method: 'POST', type: 'application/json', body: '{"name":"bench"}' })) as {
      readonly id: string
    }
    return new ImportClient(`${url}/${made.id}`)
  }

  async put(tar: Buffer): Promise<void> {
    await ask(`${this.#url}/content`, { method: 'PUT', type: 'application/x-tar', body: tar })
  }

  async addRows(lines: string): Promise<void> {
    await ask(`${this.#url}/rows`, { method: 'POST', type: 'application/x-ndjson', body: lines })
  }

  async say(what: 'close' | 'pause' | 'resume' | 'cancel'): Promise<void> {
    await ask(`${this.#url}/${what}`, { method: 'POST' })
  }

  async look(): Promise<ImportView> {
    return (await ask(this.#url, { method: 'GET' })) as ImportView
  }

  /** Asks once a second. */
  async until(is: (view: ImportView) => boolean): Promise<ImportView> {
    const deadline = performance.now() + GIVE_UP_MS
    for (;;) {
      const view = await this.look()
      if (is(view)) return view
      if (performance.now() > deadline) throw new Error(`the import stands still: ${JSON.stringify(view)}`)
      await sleep(LOOK_EVERY_MS)
    }
  }
}

class Refused extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

interface Asked {
  readonly method: string
  readonly type?: string
  readonly body?: string | Buffer
}

/** As a client should, goes on asking while a store is away for a moment: what is sent twice has one effect. */
async function ask(url: string, asked: Asked): Promise<unknown> {
  for (let tries = 1; ; tries++) {
    try {
      return await askOnce(url, asked)
    } catch (fault) {
      if (tries === MOST_TRIES || !(fault instanceof Refused && fault.status === 503)) throw fault
      await sleep(AGAIN_AFTER_MS)
    }
  }
}

async function askOnce(url: string, { method, type, body }: Asked): Promise<unknown> {
  const headers = type === undefined ? {} : { 'content-type': type }
  const sent = body === undefined ? {} : { body: typeof body === 'string' ? body : new Uint8Array(body) }
  const answer = await fetch(url, { method, headers, ...sent })
  const text = await answer.text()
  if (!answer.ok)
    throw new Refused(
      answer.status,
      `${method} ${url} was answered with ${answer.status}: ${text.slice(0, 300)}`,
    )
  return text === '' ? null : JSON.parse(text)
}
