import { inLanesUntilFault } from './in-lanes-until-fault.ts'
import { type MigrationDeps, MoveOne } from './move-one.ts'
import type { OldGallery, OldPerson } from './old-gallery.ts'

/** Moves everything that `log` does not know as moved. Rejects with the signal's reason when told to stop. */
export async function migrate(
  deps: MigrationDeps,
  options: { readonly concurrency: number; readonly signal: AbortSignal },
): Promise<void> {
  const { source } = deps
  const mover = new MoveOne(deps)
  const groupIds: string[] = []
  for (const group of await source.groups()) {
    options.signal.throwIfAborted()
    await mover.moveGroup(group)
    groupIds.push(group.id)
  }
  const work = { width: options.concurrency, signal: options.signal }
  await inLanesUntilFault(everybody(deps, groupIds), work, (person, signal) =>
    movePerson(mover, person, signal),
  )
}

/** Everybody once, group by group, then those in no group if the source can list them. */
async function* everybody(deps: MigrationDeps, groupIds: readonly string[]): AsyncGenerator<OldPerson> {
  const met = new Set<string>()
  for await (const person of inTurn(deps.source, groupIds)) {
    if (met.has(person.id)) continue
    met.add(person.id)
    yield person
  }
}

async function* inTurn(source: OldGallery, groupIds: readonly string[]): AsyncGenerator<OldPerson> {
  for (const id of groupIds) yield* source.personsOf(id)
  if (await source.listsPersons()) yield* source.persons()
}

/** Pictures one after the other: their order is the order in which they are made. */
async function movePerson(mover: MoveOne, person: OldPerson, signal: AbortSignal): Promise<void> {
  const newId = await mover.movePerson(person)
  if (newId === null) return
  for (const image of await mover.imagesOf(person)) {
    if (signal.aborted) return
    await mover.moveImage(image, { person, newId })
  }
}
