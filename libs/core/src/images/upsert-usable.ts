import type { ImageId } from '../ids.ts'
import type { DescriptorIndex, IndexEntry } from '../ports/descriptor-index.ts'
import type { ObserveDamage } from '../ports/observe-damage.ts'
import type { Waiting } from '../ports/waiting.ts'

/**
 * Writes what the index takes. An entry that it cannot compare with others (a descriptor that is short, not finite, not
 * of unit length or of another pack) is told of and left out, so that one bad record keeps no other from being found.
 * Answers those left out.
 */
export async function upsertUsable(
  index: {
    readonly copy: Pick<DescriptorIndex, 'upsert'>
    readonly onDamage?: ObserveDamage | undefined
  },
  entries: readonly IndexEntry[],
  waiting?: Waiting,
): Promise<ReadonlySet<ImageId>> {
  const unusable = new Set<ImageId>()
  if (await isTaken(index, entries, waiting)) return unusable
  for (const entry of entries) {
    if (!(await isTaken(index, [entry], waiting))) unusable.add(entry.imageId)
  }
  return unusable
}

/** False if the index refused, which it does before it has written anything. One that stands alone is told of. */
async function isTaken(
  { copy, onDamage }: Parameters<typeof upsertUsable>[0],
  entries: readonly IndexEntry[],
  waiting?: Waiting,
): Promise<boolean> {
  try {
    await copy.upsert(entries, waiting)
    return true
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    const [only, ...others] = entries
    if (only !== undefined && others.length === 0)
      onDamage?.({ kind: 'image', id: only.imageId, why: error.message })
    return false
  }
}
