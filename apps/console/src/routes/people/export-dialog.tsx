import { answerOf } from '@semblance/client'
import { useMutation } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { useFormats } from '../../language/formats.ts'
import { useText } from '../../language/language.tsx'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Field } from '../../parts/field.tsx'
import { ProblemText } from '../../parts/states.tsx'
import { api } from '../../server/api.ts'
import { saveStream } from '../../server/save-stream.ts'
import { useSession } from '../../server/session.ts'

const TYPES = { tar: 'application/x-tar', ndjson: 'application/x-ndjson' } as const
type Format = keyof typeof TYPES

interface ExportDialogProps {
  readonly personIds: readonly string[]
  readonly onClose: () => void
  readonly onDone: () => void
}

/** Export of the people who are selected, as a file. It tells how much has come, and ends when the dialog is closed. */
export function ExportDialog({ personIds, onClose, onDone }: ExportDialogProps) {
  const text = useText()
  const formats = useFormats()
  const session = useSession()
  const [format, setFormat] = useState<Format>('tar')
  const [withDescriptors, setWithDescriptors] = useState(false)
  const [bytes, setBytes] = useState(0)
  const closed = useRef<AbortController | null>(null)
  useEffect(() => () => closed.current?.abort(), [])
  const run = useMutation({
    mutationFn: async () => {
      closed.current = new AbortController()
      const { signal } = closed.current
      setBytes(0)
      const body = { personIds: [...personIds], format, descriptors: withDescriptors }
      const stream = await answerOf(api.POST('/api/export', { body, signal, parseAs: 'stream' }))
      if (stream === null) throw new Error('the answer is empty')
      const name = `semblance-export-${new Date().toISOString().slice(0, 10)}.${format}`
      await saveStream(stream, { name, type: TYPES[format], onBytes: setBytes })
    },
    onSuccess: onDone,
  })
  const mayHaveDescriptors = session.data?.rights.includes('descriptors') === true
  return (
    <Dialog title={text.people.exportTitle(personIds.length)} onClose={onClose}>
      <div className="fields">
        <Field label={text.people.exportFormat}>
          {(wiring) => (
            <select
              {...wiring}
              value={format}
              disabled={run.isPending}
              onChange={({ currentTarget }) => setFormat(currentTarget.value as Format)}
            >
              <option value="tar">{text.people.exportTar}</option>
              <option value="ndjson">{text.people.exportNdjson}</option>
            </select>
          )}
        </Field>
        {mayHaveDescriptors ? (
          <label className="check">
            <input
              type="checkbox"
              checked={withDescriptors}
              disabled={run.isPending}
              onChange={({ currentTarget }) => setWithDescriptors(currentTarget.checked)}
            />
            <span>{text.people.exportDescriptors}</span>
          </label>
        ) : null}
        <p role="status" className="small quiet">
          {run.isPending ? text.people.exportReceived(formats.bytes(bytes)) : text.people.exportNote}
        </p>
        <ProblemText error={run.error} />
        <div className="actions end">
          <Button onClick={onClose}>{text.common.cancel}</Button>
          <Button look="main" isBusy={run.isPending} onClick={() => run.mutate()}>
            {text.people.exportAction}
          </Button>
        </div>
      </div>
    </Dialog>
  )
}
