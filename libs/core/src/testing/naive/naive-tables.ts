import type { ComparedQuality } from '../../detection/face-quality.ts'
import type { Feedback } from '../../feedback/feedback.ts'
import type { Group } from '../../groups/group.ts'
import type { FeedbackId, GroupId, ImageId, PackId, PersonId } from '../../ids.ts'
import type { EnrolledImage, Image } from '../../images/image.ts'
import type { GalleryPacks, UndescribedReason } from '../../packs/gallery-packs.ts'
import { mergedIntoOf } from '../../persons/merged-persons.ts'
import type { Person } from '../../persons/person.ts'
import type { OverdueQuery } from '../../ports/overdue-records.ts'

/** Records of one kind and when each was last written to. */
class NaiveTable<Id extends string, Row extends { readonly id: Id }> {
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

  /** Changes a row that is there, which does not count as a write to it. */
  rewrite(row: Row): void {
    const touchedAt = this.#rows.get(row.id)?.touchedAt
    if (touchedAt !== undefined) this.put(row, touchedAt)
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

  /** Those that have been overdue since some moment, oldest first; equally old ones by id. */
  overdue(since: (row: Row, touchedAt: number) => number | null): readonly Overdue[] {
    return [...this.#rows.values()]
      .flatMap(({ row, touchedAt }) => {
        const moment = since(row, touchedAt)
        return moment === null ? [] : [{ id: row.id, since: moment }]
      })
      .toSorted((a, b) => a.since - b.since || (a.id < b.id ? -1 : 1))
  }
}

/** A record that waits for the reconciler, and from when on. */
export interface Overdue {
  readonly id: string
  readonly since: number
}

/** What another pack made of an image. */
export type NaiveNote = { readonly why: UndescribedReason } | NaiveFace

interface NaiveFace extends ComparedQuality {
  readonly why?: undefined
  readonly values: Float32Array
}

/** What a naive store holds; several stores over one of these are several connections to the same data. */
export class NaiveTables {
  readonly persons = new NaiveTable<PersonId, Person>()
  readonly images = new NaiveTable<ImageId, EnrolledImage>()
  readonly groups = new NaiveTable<GroupId, Group>()
  readonly feedback = new NaiveTable<FeedbackId, Feedback>()
  defaultGroup: GroupId | null = null
  packs: GalleryPacks | null = null
  /** What other packs made of the images, by pack and image. */
  readonly notes = new Map<PackId, Map<ImageId, NaiveNote>>()
  cursorKey: string | null = null

  overdue(query: Pick<OverdueQuery, 'kind' | 'untouchedMs'>, nowMs: number): readonly Overdue[] {
    const { kind, untouchedMs } = query
    const ifOld = (touchedAt: number) => (touchedAt <= nowMs - untouchedMs ? touchedAt : null)
    if (kind === 'dirty-person') {
      return this.persons.overdue((row, at) => (row.dirty && row.state === 'live' ? ifOld(at) : null))
    }
    if (kind === 'merging-person') {
      const isMerging = ({ state, mergedInto = null }: Person) =>
        mergedInto !== null && (state === 'merging' || state === 'live')
      return this.persons.overdue((row, at) => (isMerging(row) ? ifOld(at) : null))
    }
    if (kind === 'expired-person') {
      return this.persons.overdue(({ state, expireAt }, at) =>
        expireAt !== null && expireAt <= nowMs && state === 'live' && ifOld(at) !== null ? expireAt : null,
      )
    }
    const [state, table] = kind.split('-') as [string, 'person' | 'image' | 'group']
    const tables = { person: this.persons, image: this.images, group: this.groups }
    return tables[table].overdue((row, at) => (row.state === state ? ifOld(at) : null))
  }
}

/** Who has the images of this person: themselves, or whom they were merged into, in the end. */
export function ownerIn(persons: NaiveTables['persons'], id: PersonId): Person | undefined {
  const person = persons.get(id)
  const next = person === undefined ? null : mergedIntoOf(person)
  return next === null ? person : ownerIn(persons, next)
}

/** The image with quality and damage as another pack told them, if it did. */
export function judgedBy<Judged extends Image>(note: NaiveNote | undefined, image: Judged): Judged {
  if (note === undefined || note.why !== undefined || note.quality === null) return image
  return { ...image, quality: note.quality, damage: note.damage }
}
