import type { components } from '@semblance/client'

type Named = Pick<components['schemas']['Group'], 'id' | 'name' | 'createdAt'>

/** Digits at the end of an id, which are random; those at its beginning are of the time. */
const TOLD_DIGITS = 4

/**
 * What each group is called, by its id: its name, and where several have one name, also when it was made; if that does not
 * tell them apart, also the end of its id.
 * @param made says when a group was made
 */
export function namesApart(
  groups: readonly Named[],
  made: (name: string, createdAt: string) => string,
): ReadonlyMap<string, string> {
  const byName = Map.groupBy(groups, ({ name }) => seen(name))
  const names = groups.map((group) => {
    const alike = byName.get(seen(group.name)) ?? []
    if (alike.length < 2) return [group.id, group.name] as const
    const label = made(seen(group.name), group.createdAt)
    const isApart = alike.every(
      (other) => other === group || made(seen(other.name), other.createdAt) !== label,
    )
    return [group.id, isApart ? label : `${label} · …${group.id.slice(-TOLD_DIGITS)}`] as const
  })
  return new Map(names)
}

/** As it looks on the page, where spaces come as one. */
function seen(name: string): string {
  return name.normalize('NFC').replace(/\s+/g, ' ').trim()
}
