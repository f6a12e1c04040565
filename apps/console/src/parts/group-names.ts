import { useFormats } from '../language/formats.ts'
import { useText } from '../language/language.tsx'
import { useGroups } from '../server/queries.ts'
import { namesApart } from './names-apart.ts'

/** The name of a group by its id, told apart from others of that name; the id of one that is not there. */
export function useGroupNames(): (id: string) => string {
  const text = useText()
  const formats = useFormats()
  const groups = useGroups()
  const names = namesApart(groups.data ?? [], (name, createdAt) =>
    text.groups.madeAt(name, formats.time(createdAt)),
  )
  return (id) => names.get(id) ?? id
}
