import { useFormats } from '../../../language/formats.ts'
import { useText } from '../../../language/language.tsx'
import type { Import } from '../../../server/api.ts'

/** What is as it should be, whether it was new or there already. */
const GOOD = ['enrolled', 'person-written', 'group-written', 'same-picture'] as const

export type Outcome = keyof ReturnType<typeof useText>['imports']['outcomes']

export function isGood(outcome: string): boolean {
  return GOOD.some((good) => good === outcome)
}

/** All rows as one bar: what is good is full, what is not is hatched, what waits is empty. The list says the same in words. */
export function OutcomesBar({ rows }: { readonly rows: Import['rows'] }) {
  const text = useText()
  const formats = useFormats()
  const outcomes = Object.entries(rows.byOutcome) as [Outcome, number][]
  const sorted = outcomes
    .filter(([, count]) => count > 0)
    .toSorted(([a], [b]) => Number(isGood(b)) - Number(isGood(a)))
  const waiting = rows.total - rows.ended
  return (
    <>
      <div className="outcomes" aria-hidden="true">
        {sorted.map(([outcome, count]) => (
          <span key={outcome} className={isGood(outcome) ? 'good' : 'wrong'} style={{ flexGrow: count }} />
        ))}
        <span className="waiting" style={{ flexGrow: waiting }} />
      </div>
      <ul className="legend">
        {sorted.map(([outcome, count]) => (
          <li key={outcome}>
            <span className={isGood(outcome) ? 'swatch good' : 'swatch wrong'} />
            <b>{formats.whole(count)}</b> {text.imports.outcomes[outcome]}
          </li>
        ))}
        {waiting > 0 ? (
          <li>
            <span className="swatch waiting" />
            <b>{formats.whole(waiting)}</b> {text.imports.waiting}
          </li>
        ) : null}
      </ul>
    </>
  )
}
