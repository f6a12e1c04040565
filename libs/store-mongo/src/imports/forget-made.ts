import type { ImportId, Waiting } from '@semblance/core'
import type { Collection } from 'mongodb'
import { type Ask, LIMITS, oneBatchOf } from '../records/record-writes.ts'
import type { BoundRecord } from './mongo-imported-persons.ts'

/** Bindings that go together. */
const PART = 1_000

/**
 * Removes whom an import was to make. Each other import that was to make one of them as well has it marked before, part by part:
 * whenever the process ends, nobody looks as if that other one alone had made them.
 */
export async function forgetMade(
  { persons, ask }: { readonly persons: Collection<BoundRecord>; readonly ask: Ask },
  importId: ImportId,
  waiting?: Waiting,
): Promise<void> {
  const own = { importId, isMade: true }
  const options = { ...oneBatchOf(PART), projection: { _id: 0, personId: 1 } } as const
  for (;;) {
    const find = () => persons.find(own, options).limit(PART).toArray()
    const part = (await ask(find, waiting)).map(({ personId }) => personId)
    if (part.length === 0) return
    const personId = { $in: part }
    const others = { personId, isMade: true, importId: { $ne: importId } }
    await ask(() => persons.updateMany(others, { $set: { isShared: true } }, LIMITS), waiting)
    await ask(() => persons.deleteMany({ ...own, personId }, LIMITS), waiting)
  }
}
