import type { Page, Route } from 'playwright-core'

export interface MadeUpPerson {
  readonly id: string
  readonly name: string
}

/** A list of people that a test may change as somebody else would; the page asks for it as it asks the server. */
export interface MadeUpPeople {
  /** In the order of the list. */
  people: MadeUpPerson[]
  /** Called before each write; what it answers goes to the page in place of the list's own answer. */
  onWrite: (route: Route) => Promise<unknown> | null
  /** Ids, in the order of the deletions that were carried out. */
  readonly deleted: string[]
}

const TIME = '2026-01-01T00:00:00.000Z'

export function madeUpPerson(number: number, name = `Person ${number}`): MadeUpPerson {
  return { id: `01936a5c-7e1d-7c3a-9f52-${String(number).padStart(12, '0')}`, name }
}

export async function showMadeUpPeople(page: Page, number: number): Promise<MadeUpPeople> {
  const gallery: MadeUpPeople = {
    people: Array.from({ length: number }, (_, place) => madeUpPerson(place)),
    onWrite: () => null,
    deleted: [],
  }
  await page.route(/\/api\/persons(\?|$)/, (route) => route.fulfill({ json: listOf(gallery, route) }))
  await page.route(/\/api\/persons\/[\w-]+$/, async (route) => {
    const id = route.request().url().split('/').at(-1) ?? ''
    const person = gallery.people.find((one) => one.id === id)
    const isDeletion = route.request().method() === 'DELETE'
    const own = isDeletion ? gallery.onWrite(route) : null
    if (own !== null) return own
    if (person === undefined)
      return route.fulfill({ status: 404, json: { statusCode: 404, type: 'PersonNotFound' } })
    if (!isDeletion) return route.fulfill({ json: viewOf(person) })
    gallery.deleted.push(id)
    gallery.people = gallery.people.filter((one) => one !== person)
    return route.fulfill({ status: 204 })
  })
  await page.route('**/api/groups?*', (route) =>
    route.fulfill({
      json: { items: [{ id: madeUpPerson(0).id, name: 'Crew', metadata: {}, createdAt: TIME }] },
    }),
  )
  await page.route(
    /\/api\/groups\/[\w-]+\/persons$/,
    (route) => gallery.onWrite(route) ?? route.fulfill({ status: 204 }),
  )
  return gallery
}

function listOf({ people }: MadeUpPeople, route: Route) {
  const query = new URL(route.request().url()).searchParams
  const size = Number(query.get('size') ?? 100)
  const from = Number(query.get('cursor') ?? query.get('skip') ?? (Number(query.get('page') ?? 1) - 1) * size)
  const found = people.filter(({ name }) => name.startsWith(query.get('namePrefix') ?? ''))
  return {
    items: found.slice(from, from + size).map(viewOf),
    page: 1,
    totalPages: Math.ceil(found.length / size),
    ...(from + size < found.length ? { nextCursor: String(from + size) } : {}),
  }
}

function viewOf(person: MadeUpPerson) {
  return { ...person, metadata: {}, groups: [], createdAt: TIME, updatedAt: TIME }
}
