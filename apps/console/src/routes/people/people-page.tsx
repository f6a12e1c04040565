import { useDeferredValue, useMemo } from 'react'
import { useFormats } from '../../language/formats.ts'
import { useText } from '../../language/language.tsx'
import { Field } from '../../parts/field.tsx'
import { GroupChoice } from '../../parts/group-choice.tsx'
import { wholeTexts } from '../../parts/metadata-conditions.ts'
import { MetadataField } from '../../parts/metadata-field.tsx'
import { PageHead } from '../../parts/page-head.tsx'
import { useStats } from '../../server/queries.ts'
import { usePeopleFilter } from './kept-filter.tsx'
import { NewPersonButton } from './new-person-button.tsx'
import { PeopleList } from './people-list.tsx'
import { type PeopleFilter, SORTS } from './people-query.ts'

/** Everybody who is enrolled. */
export function PeoplePage() {
  const text = useText()
  const formats = useFormats()
  const stats = useStats()
  const { filter, setFilter } = usePeopleFilter()
  const whole = useMemo(() => ({ ...filter, metadata: wholeTexts(filter.metadata) }), [filter])
  const shown = useDeferredValue(whole)
  const note =
    stats.data === undefined
      ? undefined
      : text.people.counts(formats.whole(stats.data.persons), formats.whole(stats.data.images))
  return (
    <>
      <PageHead title={text.people.title} note={note}>
        <NewPersonButton />
      </PageHead>
      <PeopleFilters filter={filter} onChange={setFilter} />
      <PeopleList filter={shown} />
    </>
  )
}

interface PeopleFiltersProps {
  readonly filter: PeopleFilter
  readonly onChange: (filter: PeopleFilter) => void
}

function PeopleFilters({ filter, onChange }: PeopleFiltersProps) {
  const text = useText()
  return (
    <search className="filters">
      <Field label={text.people.find}>
        {(wiring) => (
          <input
            {...wiring}
            type="search"
            autoComplete="off"
            placeholder={text.people.findHint}
            value={filter.namePrefix}
            onChange={({ currentTarget }) => onChange({ ...filter, namePrefix: currentTarget.value })}
          />
        )}
      </Field>
      <GroupChoice
        label={text.people.group}
        everybody={text.common.all}
        value={filter.groupId}
        onChange={(groupId) => onChange({ ...filter, groupId })}
      />
      <MetadataField value={filter.metadata} onChange={(metadata) => onChange({ ...filter, metadata })} />
      <Field label={text.people.pictures}>
        {(wiring) => (
          <select
            {...wiring}
            value={filter.pictures}
            onChange={({ currentTarget }) =>
              onChange({ ...filter, pictures: currentTarget.value as PeopleFilter['pictures'] })
            }
          >
            <option value="">{text.common.all}</option>
            <option value="true">{text.people.withPictures}</option>
            <option value="false">{text.people.withoutPictures}</option>
          </select>
        )}
      </Field>
      <Field label={text.people.sort}>
        {(wiring) => (
          <select
            {...wiring}
            value={filter.sort}
            onChange={({ currentTarget }) =>
              onChange({ ...filter, sort: currentTarget.value as PeopleFilter['sort'] })
            }
          >
            {SORTS.map((sort) => (
              <option key={sort} value={sort}>
                {text.people.sorts[sort]}
              </option>
            ))}
          </select>
        )}
      </Field>
    </search>
  )
}
