import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { distanceOf } from '../calibration.ts'
import { roundCosine } from '../descriptor.ts'
import { changeMembers } from '../groups/change-members.ts'
import { deleteGroup } from '../groups/delete-group.ts'
import { identify } from '../identification/identify.ts'
import type { GroupId, ImageId, PersonId } from '../ids.ts'
import { deleteImage } from '../images/delete-image.ts'
import { createPerson } from '../persons/create-person.ts'
import { deletePerson } from '../persons/delete-person.ts'
import { updatePerson } from '../persons/update-person.ts'
import {
  aDraft,
  enrollAt,
  expectForgotten,
  expectNothingHalfWritten,
  expectSettled,
  makeGroup,
  openTestGallery,
  PROBE,
  reconcileUntilSettled,
  type TestGallery,
} from '../testing/index.ts'
import { reconcile } from './reconcile.ts'

/** What a gallery should know, as a list of plain objects. */
interface Model {
  readonly gallery: TestGallery
  readonly groups: GroupId[]
  persons: ModelPerson[]
}

interface ModelPerson {
  readonly id: PersonId
  name: string
  groups: readonly GroupId[]
  readonly expireAt: number
  images: { readonly id: ImageId; readonly cosine: number }[]
}

const NAMES = ['Ada', 'Bob', 'Eve']
const FOREVER = Number.MAX_SAFE_INTEGER

/** A number that picks one of whatever there is by then. */
const pick = fc.nat(1000)
const name = fc.constantFrom(...NAMES)
const write = fc.oneof(
  fc.record({ act: fc.constant('create' as const), name, group: pick, mortal: fc.boolean() }),
  fc.record({ act: fc.constant('rename' as const), person: pick, name }),
  fc.record({ act: fc.constant('move' as const), person: pick, group: pick }),
  fc.record({ act: fc.constant('join' as const), person: pick, group: pick }),
  // Few different ones, so that there are ties.
  fc.record({ act: fc.constant('enroll' as const), person: pick, cosine: fc.integer({ min: 5, max: 10 }) }),
  fc.record({ act: fc.constant('enroll' as const), person: pick, cosine: fc.integer({ min: 5, max: 10 }) }),
  fc.record({ act: fc.constant('forgetImage' as const), person: pick, image: pick }),
  fc.record({ act: fc.constant('deletePerson' as const), person: pick }),
  fc.record({ act: fc.constant('deleteGroup' as const), group: pick }),
  fc.record({ act: fc.constant('wait' as const), minutes: fc.integer({ min: 1, max: 6 }) }),
)
const search = fc.record({
  act: fc.constant('search' as const),
  groups: fc.array(pick, { maxLength: 2 }),
  names: fc.option(fc.subarray(NAMES)),
  op: fc.constantFrom('in' as const, 'nin' as const),
  threshold: fc.constantFrom(0, 0.25, 0.5, 1, 1.1, 2),
  limit: fc.integer({ min: 1, max: 4 }),
})
type Write = typeof write extends fc.Arbitrary<infer T> ? T : never
type Search = typeof search extends fc.Arbitrary<infer T> ? T : never

async function carryOut(model: Model, step: Write): Promise<void> {
  const { gallery } = model
  if (step.act === 'wait') {
    gallery.clock.advance(step.minutes * 60_000)
    await reconcile(gallery, { waitsForOthers: true })
    model.persons = model.persons.filter(({ expireAt }) => expireAt > gallery.clock.now())
    return
  }
  if (step.act === 'create') return create(model, step)
  if (step.act === 'deleteGroup') return removeGroup(model, oneOf(model.groups, step.group))
  const person = oneOf(model.persons, step.person)
  if (person !== undefined) await change(model, person, step)
}

async function create(model: Model, step: Extract<Write, { act: 'create' }>): Promise<void> {
  const { gallery } = model
  const groups = [oneOf(model.groups, step.group) ?? (await addGroup(model))]
  const expireAt = step.mortal ? gallery.clock.now() + 4 * 60_000 : null
  const draft = aDraft(gallery, { name: step.name, groups, expireAt })
  await createPerson(gallery, draft)
  model.persons.push({ id: draft.id, name: step.name, groups, expireAt: expireAt ?? FOREVER, images: [] })
}

async function change(
  { gallery, groups, persons }: Model,
  person: ModelPerson,
  step: Exclude<Write, { act: 'create' | 'deleteGroup' | 'wait' }>,
): Promise<void> {
  const { id } = person
  switch (step.act) {
    case 'rename':
      await updatePerson(gallery, { id, name: step.name })
      person.name = step.name
      return
    case 'move':
      person.groups = groups.slice(step.group % (groups.length + 1))
      await updatePerson(gallery, { id, groups: person.groups })
      return
    case 'join': {
      const groupId = oneOf(groups, step.group)
      if (groupId === undefined) return
      await changeMembers(gallery, { groupId, add: [id], remove: [] })
      if (!person.groups.includes(groupId)) person.groups = [...person.groups, groupId]
      return
    }
    case 'enroll': {
      const cosine = step.cosine / 10
      person.images.push({ id: await enrollAt(gallery, id, cosine), cosine })
      return
    }
    case 'forgetImage': {
      const image = oneOf(person.images, step.image)
      if (image !== undefined) await deleteImage(gallery, { personId: id, imageId: image.id })
      person.images = person.images.filter((one) => one !== image)
      return
    }
    case 'deletePerson':
      await deletePerson(gallery, id)
      persons.splice(persons.indexOf(person), 1)
  }
}

async function addGroup(model: Model): Promise<GroupId> {
  const id = await makeGroup(model.gallery)
  model.groups.push(id)
  return id
}

async function removeGroup(model: Model, group: GroupId | undefined): Promise<void> {
  if (group === undefined) return
  await deleteGroup(model.gallery, group)
  model.groups.splice(model.groups.indexOf(group), 1)
  for (const person of model.persons) person.groups = person.groups.filter((id) => id !== group)
}

async function compare(model: Model, asked: Search): Promise<void> {
  const { threshold, limit } = asked
  const unknown = model.gallery.newId<GroupId>()
  const groupIds = asked.groups.map((nth) => oneOf(model.groups, nth) ?? unknown)
  const field = asked.names === null ? null : ({ field: 'name', op: asked.op, values: asked.names } as const)
  const found = await identify(model.gallery, { probe: PROBE, query: { groupIds, field, threshold, limit } })
  const expected = model.persons
    .filter(({ groups }) => groupIds.length === 0 || groupIds.some((id) => groups.includes(id)))
    .filter((person) => asked.names === null || asked.names.includes(person.name) === (asked.op === 'in'))
    .map(({ id, images }) => ({ id, cosines: cosinesWithin(images, threshold) }))
    .filter(({ cosines }) => cosines.length > 0)
    .toSorted((a, b) => b.cosines[0]! - a.cosines[0]! || (a.id < b.id ? -1 : 1))
    .slice(0, limit)
  const actual = found.map(({ person, images }) => ({
    id: person.id,
    cosines: images.map(({ cosine }) => cosine),
  }))
  expect(actual).toEqual(expected)
}

function cosinesWithin(images: readonly { readonly cosine: number }[], threshold: number): readonly number[] {
  const cosines = images.map(({ cosine }) => cosine)
  const near = cosines.filter((cosine) => roundCosine(distanceOf(cosine, PROBE.operatingPoint)) <= threshold)
  return near.toSorted((a, b) => b - a).slice(0, 10)
}

function oneOf<T>(all: readonly T[], nth: number): T | undefined {
  return all[nth % Math.max(1, all.length)]
}

/** An index or a picture store that fails now and then when it is to erase: what should go stays, until it is mended. */
function makeForgetful(gallery: TestGallery, failures: readonly boolean[]): TestGallery {
  let calls = 0
  const maybe = <Args extends unknown[]>(erase: (...args: Args) => Promise<void>) => {
    return (...args: Args) =>
      failures[calls++ % failures.length] === true ? Promise.reject(new Error('away')) : erase(...args)
  }
  const { index, pictures } = gallery
  return {
    ...gallery,
    index: { ...index, remove: maybe(index.remove) },
    pictures: { ...pictures, delete: maybe(pictures.delete) },
  }
}

describe('after any history of writes', () => {
  it('a search answers what a plain list would, though erasures fail now and then', async () => {
    const history = fc.array(fc.oneof({ weight: 3, arbitrary: write }, search), {
      maxLength: 60,
      size: 'max',
    })
    const failures = fc.array(fc.boolean(), { minLength: 1, maxLength: 7 })
    const property = fc.asyncProperty(history, failures, async (steps, failing) => {
      const gallery = openTestGallery()
      const model: Model = { gallery: makeForgetful(gallery, failing), groups: [], persons: [] }
      for (const step of steps) {
        if (step.act === 'search') await compare(model, step)
        else await carryOut(model, step)
      }
      await expectNothingHalfWritten(gallery)
      await reconcileUntilSettled(gallery, true)
      await expectSettled(gallery)
      await expectForgotten(gallery)
    })
    await fc.assert(property, { numRuns: 300 })
  })
})
