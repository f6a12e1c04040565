import { answerOf } from '@semblance/client'
import { useMutation } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { useFormats } from '../../language/formats.ts'
import { useText } from '../../language/language.tsx'
import { Button } from '../../parts/button.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { Live } from '../../parts/live.tsx'
import { useAnnounce } from '../../parts/notices.tsx'
import { ProblemText } from '../../parts/states.tsx'
import { api } from '../../server/api.ts'
import { exportAddress } from '../../server/export-address.ts'
import { useGalleryChanged } from '../../server/queries.ts'
import { filterFields, isNarrowed, type PeopleFilter } from './people-query.ts'

/** How many the filter leaves. */
export interface FoundPeople {
  readonly total: number
  /** False: more may come after those. */
  readonly isTotalKnown: boolean
}

type Fields = ReturnType<typeof filterFields>

interface FilterActionsProps {
  readonly filter: PeopleFilter
  /** Of a group, nobody is deleted by one button, and its head says how many are in it. */
  readonly isGroup: boolean
  readonly found: FoundPeople
}

/** Export and deletion of all to whom the filter applies, whether the list has come to them or not. */
export function FilterActions({ filter, isGroup, found: { total, isTotalKnown } }: FilterActionsProps) {
  const text = useText()
  const formats = useFormats()
  const announce = useAnnounce()
  const galleryChanged = useGalleryChanged()
  const fields = filterFields(filter)
  const shown = useRef(fields)
  useEffect(() => {
    shown.current = fields
  })
  // Whoever was counted is meant. If another list has come before the answer, nothing is asked: it would be about people out of sight.
  const counted = useMutation({
    mutationFn: async (meant: Fields) => {
      const query = { ...meant, dryRun: 'true' } as const
      const answer = await answerOf(api.DELETE('/api/persons', { params: { query } }))
      return { meant, answer, isShown: JSON.stringify(meant) === JSON.stringify(shown.current) }
    },
  })
  const found =
    counted.data?.isShown === true && 'count' in counted.data.answer
      ? { ...counted.data.answer, meant: counted.data.meant }
      : null
  return (
    <div className="actions filter-actions">
      {isNarrowed(filter) && !isGroup ? (
        <Live className="found-count">
          {isTotalKnown
            ? text.people.found(total, formats.whole(total))
            : text.people.foundMore(formats.whole(total))}
        </Live>
      ) : null}
      <p className="small quiet keys-hint">{text.people.keys}</p>
      <a className="button bare" href={exportAddress({ ...fields, format: 'tar' })} download>
        {isGroup ? text.groups.export : isNarrowed(filter) ? text.people.exportFound : text.people.exportAll}
      </a>
      {isNarrowed(filter) && !isGroup ? (
        <Button look="bare" icon="trash" isBusy={counted.isPending} onClick={() => counted.mutate(fields)}>
          {text.people.deleteFound}
        </Button>
      ) : null}
      <ProblemText error={counted.error} />
      {found === null ? null : (
        <Confirm
          title={text.people.deleteTitle(found.count)}
          body={text.people.deleteFoundBody(found.count, found.images)}
          action={text.people.deleteSelected(found.count)}
          onClose={() => counted.reset()}
          run={async () => {
            const query = { ...found.meant, count: found.count }
            await answerOf(api.DELETE('/api/persons', { params: { query } }))
            announce(text.people.deletedSoon(found.count))
            galleryChanged()
          }}
        />
      )}
    </div>
  )
}
