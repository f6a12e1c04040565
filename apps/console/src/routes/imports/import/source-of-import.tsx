import { useFormats } from '../../../language/formats.ts'
import { useText } from '../../../language/language.tsx'
import type { Import } from '../../../server/api.ts'

/** Where the server itself takes an import's rows from, how far it is, and what is wrong with it. */
export function SourceOfImport({ of: source }: { readonly of: NonNullable<Import['source']> }) {
  const text = useText().imports.source
  const formats = useFormats()
  const { state, url, why = '', rows, conflicts, notes = [] } = source
  return (
    <div className="small quiet source">
      <p>
        {text[state](url)} {text.rows(formats.whole(rows))}
        {conflicts === 0 ? null : ` ${text.conflicts(conflicts)}`}
      </p>
      {why === '' ? null : <p className={state === 'failed' ? 'bad' : undefined}>{why}</p>}
      {notes.length === 0 ? null : (
        <ul>
          {notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
    </div>
  )
}
