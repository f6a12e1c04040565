import { type FormEvent, useId, useState } from 'react'
import { useFormats } from '../../language/formats.ts'
import { useText } from '../../language/language.tsx'
import { Button } from '../../parts/button.tsx'
import { Check } from '../../parts/check.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Field } from '../../parts/field.tsx'
import { GroupChoice } from '../../parts/group-choice.tsx'
import { Live } from '../../parts/live.tsx'
import { ProblemText } from '../../parts/states.tsx'
import type { PlacedFile } from './folder-files.ts'
import type { ImportOptions } from './send-import.ts'
import { useSendImport } from './use-send-import.ts'

interface ImportDialogProps {
  readonly files: readonly PlacedFile[]
  readonly onClose: () => void
}

/** What is to be imported, and how. While files are sent, to close it is to end the import. */
export function ImportDialog({ files, onClose }: ImportDialogProps) {
  const text = useText()
  const formats = useFormats()
  const [options, setOptions] = useState<ImportOptions>({
    name: text.imports.usualName(formats.time(new Date().toISOString())),
    groupId: '',
    faces: 'central',
    quality: 'off',
  })
  const change = (part: Partial<ImportOptions>) => setOptions({ ...options, ...part })
  const { run, sent, archive, cancel } = useSendImport(files, onClose)
  const formId = useId()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!run.isPending) run.mutate(options)
  }
  const folders = new Set(files.map(({ path }) => path.split('/').slice(0, -1).join('/'))).size
  return (
    <Dialog title={text.imports.start} onClose={cancel}>
      <p className="quiet">{archive === null ? text.imports.found(files.length, folders) : archive}</p>
      <form id={formId} className="fields" onSubmit={submit}>
        <Field label={text.imports.name}>
          {(wiring) => (
            <input
              {...wiring}
              maxLength={200}
              value={options.name}
              onChange={(event) => change({ name: event.currentTarget.value })}
            />
          )}
        </Field>
        <GroupChoice
          label={text.people.group}
          everybody={text.people.defaultGroup}
          value={options.groupId}
          onChange={(groupId) => change({ groupId })}
        />
        <Check
          label={text.imports.onlyOne}
          checked={options.faces === 'one'}
          onChange={(isOne) => change({ faces: isOne ? 'one' : 'central' })}
        />
        <Check
          label={text.imports.onlyGood}
          checked={options.quality === 'standard'}
          onChange={(isGood) => change({ quality: isGood ? 'standard' : 'off' })}
        />
      </form>
      {run.isPending ? (
        <div>
          <progress
            aria-label={text.imports.sending}
            max={files.length}
            value={archive === null ? sent : undefined}
          />
          <Live className="small quiet">
            {archive === null
              ? text.imports.sentOf(formats.whole(sent), formats.whole(files.length))
              : text.imports.sending}{' '}
            {text.imports.stay}
          </Live>
        </div>
      ) : null}
      <ProblemText error={run.error} />
      <div className="actions end">
        <Button onClick={cancel}>{run.isPending ? text.imports.doings.cancel : text.common.cancel}</Button>
        <Button look="main" icon="imports" type="submit" form={formId} isBusy={run.isPending}>
          {text.imports.startAction}
        </Button>
      </div>
    </Dialog>
  )
}
