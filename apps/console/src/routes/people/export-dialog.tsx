import { answerOf } from '@semblance/client'
import { useState } from 'react'
import { useText } from '../../language/language.tsx'
import { Button } from '../../parts/button.tsx'
import { Check } from '../../parts/check.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Field } from '../../parts/field.tsx'
import { ProblemText } from '../../parts/states.tsx'
import { useWork } from '../../parts/use-work.ts'
import { api } from '../../server/api.ts'
import { exportAddress } from '../../server/export-address.ts'
import { useSession } from '../../server/session.ts'

type Format = 'tar' | 'ndjson'

interface ExportDialogProps {
  readonly personIds: readonly string[]
  readonly onClose: () => void
  /** The browser has begun to take the file. */
  readonly onBegun: () => void
}

/**
 * Export of the people who are selected. The browser takes the file by a link, as any download: it may have gigabytes, goes on
 * without this page, and the page holds nothing of it.
 */
export function ExportDialog({ personIds, onClose, onBegun }: ExportDialogProps) {
  const text = useText()
  const session = useSession()
  const [format, setFormat] = useState<Format>('tar')
  const [withDescriptors, setWithDescriptors] = useState(false)
  const run = useWork({
    title: text.people.exportTitle(personIds.length),
    run: async () => {
      const body = { personIds: [...personIds] }
      return (await answerOf(api.POST('/api/export/selections', { body }))).selectionId
    },
    onDone: (selection, isOpen) => {
      // Whoever closed the dialog does not want the file any more, and nothing has begun.
      if (!isOpen) return
      const wanted = { selection, format, descriptors: String(withDescriptors) }
      download(exportAddress(wanted), `semblance-export-${new Date().toISOString().slice(0, 10)}.${format}`)
      onBegun()
    },
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
              onChange={({ currentTarget }) => setFormat(currentTarget.value as Format)}
            >
              <option value="tar">{text.people.exportTar}</option>
              <option value="ndjson">{text.people.exportNdjson}</option>
            </select>
          )}
        </Field>
        {mayHaveDescriptors ? (
          <Check
            label={text.people.exportDescriptors}
            checked={withDescriptors}
            onChange={setWithDescriptors}
          />
        ) : null}
        <p className="small quiet">{text.people.exportNote}</p>
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

/** By the browser itself. Where the server refuses, the browser says so among its downloads. */
function download(address: string, name: string): void {
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
}
