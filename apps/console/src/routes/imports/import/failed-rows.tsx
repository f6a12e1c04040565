import { useQuery } from '@tanstack/react-query'
import { useText } from '../../../language/language.tsx'
import { Section } from '../../../parts/section.tsx'
import { Barrier } from '../../../parts/states.tsx'
import type { Import } from '../../../server/api.ts'
import { FailedRow } from './failed-row.tsx'
import { isGood, type Outcome } from './outcomes-bar.tsx'
import { readReport } from './report.ts'

/** Rows of one outcome that are shown; the report has all. */
const MOST_SHOWN = 100

/** The rows that enrolled nobody, with the reason, and a way to mend each. */
export function FailedRows({ one }: { readonly one: Import }) {
  const text = useText()
  const wrong = (Object.entries(one.rows.byOutcome) as [Outcome, number][]).filter(
    ([outcome, count]) => count > 0 && !isGood(outcome),
  )
  if (wrong.length === 0) return null
  return (
    <Section title={text.imports.failed} className="failed">
      {wrong.map(([outcome, count]) => (
        <RowsOfOutcome key={outcome} importId={one.id} outcome={outcome} count={count} />
      ))}
    </Section>
  )
}

interface RowsOfOutcomeProps {
  readonly importId: string
  readonly outcome: Outcome
  readonly count: number
}

function RowsOfOutcome({ importId, outcome, count }: RowsOfOutcomeProps) {
  const text = useText()
  const rows = useQuery({
    queryKey: ['import-report', importId, outcome, count],
    queryFn: ({ signal }) => readReport(importId, { outcome, most: MOST_SHOWN, signal }),
  })
  return (
    <>
      <h3 className="divider">
        {text.imports.outcomes[outcome]} · {count}
      </h3>
      <Barrier of={rows} />
      <ul className="failed-rows">
        {rows.data?.map((row) => (
          <FailedRow key={row.key} importId={importId} row={row} />
        ))}
      </ul>
      {count > MOST_SHOWN ? <p className="quiet">{text.imports.restInReport(count - MOST_SHOWN)}</p> : null}
    </>
  )
}
