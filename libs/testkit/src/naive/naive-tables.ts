import type {
  EnrolledImage,
  Group,
  GroupId,
  ImageId,
  OverdueQuery,
  PackId,
  Person,
  PersonId,
} from '@semblance/core'

/** Records of one kind and when each was last written to. */
export class NaiveTable<Id extends string, Row extends { readonly id: Id }> {
  readonly #rows = new Map<Id, { readonly row: Row; readonly touchedAt: number }>()

  get(id: Id): Row | undefined {
    return this.#rows.get(id)?.row
  }

  insert(row: Row, touchedAt: number): boolean {
    if (this.#rows.has(row.id)) return false
    this.put(row, touchedAt)
    return true
  }

  put(row: Row, touchedAt: number): void {
    this.#rows.set(row.id, { row, touchedAt })
  }

  delete(id: Id): void {
    this.#rows.delete(id)
  }

  /** By increasing id. */
  select(holds: (row: Row, touchedAt: number) => boolean): readonly Row[] {
    return [...this.#rows.values()]
      .filter(({ row, touchedAt }) => holds(row, touchedAt))
      .map(({ row }) => row)
      .toSorted((a, b) => (a.id < b.id ? -1 : 1))
  }

  /** Oldest first; equally old ones by id. */
  idsByAge(holds: (row: Row, touchedAt: number) => boolean): readonly Id[] {
    return [...this.#rows.values()]
      .filter(({ row, touchedAt }) => holds(row, touchedAt))
      .toSorted((a, b) => a.touchedAt - b.touchedAt || (a.row.id < b.row.id ? -1 : 1))
      .map(({ row }) => row.id)
  }
}

/** What a naive store holds; several stores over one of these are several connections to the same data. */
export class NaiveTables {
  readonly persons = new NaiveTable<PersonId, Person>()
  readonly images = new NaiveTable<ImageId, EnrolledImage>()
  readonly groups = new NaiveTable<GroupId, Group>()
  defaultGroup: GroupId | null = null
  pack: PackId | null = null

  overdue(query: OverdueQuery, nowMs: number): readonly string[] {
    const isOld = (touchedAt: number) => touchedAt <= nowMs - query.untouchedMs
    if (query.kind === 'dirty-person') {
      return this.persons.idsByAge((row, at) => row.dirty && row.state === 'live' && isOld(at))
    }
    if (query.kind === 'expired-person') {
      return this.persons.idsByAge(
        (row, at) => row.expireAt !== null && row.expireAt <= nowMs && row.state === 'live' && isOld(at),
      )
    }
    const [state, kind] = query.kind.split('-') as [string, 'person' | 'image' | 'group']
    const tables = { person: this.persons, image: this.images, group: this.groups }
    return tables[kind].idsByAge((row, at) => row.state === state && isOld(at))
  }
}
