import { z } from 'zod'
import { CommandFault } from '../server/command-fault.ts'
import type { WireAnswer, WireClient } from '../server/wire-client.ts'

const made = z.object({ id: z.string().min(1) })
const problem = z.object({ type: z.string().optional(), msg: z.string().optional() })
const health = z.object({ app: z.string() })
const anyPage = z.object({ items: z.array(z.unknown()).nullish() })

/** The length is enough for a sentence; a stranger's server writes it. */
const MAX_REASON_LENGTH = 160

export type Creation =
  /** `isReplay`: an earlier run had made it, whose answer was lost. */
  | { readonly outcome: 'made'; readonly id: string; readonly isReplay: boolean }
  /** It will not do, however often it is asked; `type` is one word. */
  | { readonly outcome: 'refused'; readonly type: string; readonly reason: string }
  /** A fault of the target: another run may do better. */
  | { readonly outcome: 'failed'; readonly reason: string }

export interface PersonToMake {
  readonly name: string
  readonly externalId?: string
  readonly metadata: object
  /** Ids of the target. */
  readonly groups: readonly string[]
  readonly expireAt?: string
}

/** The gallery that is moved into. */
export class NewGallery {
  readonly #client: WireClient
  #knowsKeys = false

  constructor(client: WireClient) {
    this.#client = client
  }

  /** This is called first. It throws unless the target serves; `knowsKeys`: it carries out a POST with a key once. */
  async open(): Promise<{ readonly knowsKeys: boolean }> {
    const ready = await this.#get('/readyz')
    const { status } = ready.status === 404 ? await this.#get('/readiness') : ready
    if (status !== 200) throw new CommandFault(`the target is not ready: it answered ${status}`)
    const about = health.safeParse(jsonOf(await this.#get('/healthz')))
    this.#knowsKeys = about.success && about.data.app === 'Semblance'
    return { knowsKeys: this.#knowsKeys }
  }

  /** No groups, and nobody as far as the target can list persons without a group. */
  async isEmpty(): Promise<boolean> {
    const groups = await this.#get('/groups?page=1&size=1')
    if (groups.status !== 200) throw new CommandFault(`the target answered ${groups.status}: GET /api/groups`)
    return hasNoItems(groups) && hasNoItems(await this.#get('/persons?page=1&size=1'))
  }

  makeGroup(group: { readonly name: string; readonly metadata: object }, key: string): Promise<Creation> {
    return this.#post('/groups', group, key)
  }

  makePerson(person: PersonToMake, key: string): Promise<Creation> {
    return this.#post('/persons', person, key)
  }

  /** The contract puts a person made without groups into one called Default; this takes them out again. */
  async leaveWithoutGroups(personId: string): Promise<boolean> {
    const path = `/persons/${encodeURIComponent(personId)}`
    const answer = await this.#client.call({ method: 'PUT', path, body: { groups: [] }, isRepeatable: true })
    return answer.status === 204
  }

  addImage(
    personId: string,
    picture: { readonly bytes: Buffer; readonly contentType: string | null },
    key: string,
  ): Promise<Creation> {
    const content = picture.bytes.toString('base64')
    const image = picture.contentType === null ? { content } : { contentType: picture.contentType, content }
    return this.#post(`/persons/${encodeURIComponent(personId)}/images`, { image }, key)
  }

  async #post(path: string, body: object, key: string): Promise<Creation> {
    const answer = await this.#client.call({
      method: 'POST',
      path,
      body,
      headers: { 'idempotency-key': key },
      isRepeatable: this.#knowsKeys,
    })
    if (answer.status >= 500) return { outcome: 'failed', reason: problemOf(answer).reason }
    if (answer.status !== 200 && answer.status !== 201) return { outcome: 'refused', ...problemOf(answer) }
    const parsed = made.safeParse(jsonOf(answer))
    if (!parsed.success) return { outcome: 'failed', reason: 'the target answered no id' }
    return { outcome: 'made', id: parsed.data.id, isReplay: answer.headers.has('idempotency-replayed') }
  }

  #get(path: string): Promise<WireAnswer> {
    return this.#client.call({ method: 'GET', path, isRepeatable: true })
  }
}

/** A call that the target does not have says nothing against it being empty. */
function hasNoItems(answer: WireAnswer): boolean {
  const parsed = anyPage.safeParse(jsonOf(answer))
  return answer.status !== 200 || (parsed.success && (parsed.data.items ?? []).length === 0)
}

function problemOf(answer: WireAnswer): { readonly type: string; readonly reason: string } {
  const said = problem.safeParse(jsonOf(answer)).data ?? {}
  const type = /^\w{1,60}$/.test(said.type ?? '') ? `${said.type}` : `status ${answer.status}`
  // A terminal obeys control characters.
  const msg = (said.msg ?? '').replaceAll(/\p{C}/gu, ' ').slice(0, MAX_REASON_LENGTH)
  return { type, reason: msg === '' ? type : `${type}: ${msg}` }
}

function jsonOf(answer: WireAnswer): unknown {
  try {
    return JSON.parse(answer.bytes.toString('utf8'))
  } catch {
    return null
  }
}
