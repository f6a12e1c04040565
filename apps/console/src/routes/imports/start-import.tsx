import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type DragEvent, useRef, useState } from 'react'
import { useFormats } from '../../language/formats.ts'
import { useText } from '../../language/language.tsx'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Field } from '../../parts/field.tsx'
import { GroupChoice } from '../../parts/group-choice.tsx'
import { Icon } from '../../parts/icon.tsx'
import { ProblemText } from '../../parts/states.tsx'
import { goTo } from '../../router.tsx'
import { archiveType, chosenFiles, droppedFiles, type PlacedFile } from './folder-files.ts'
import { beginImport, type ImportOptions, sendArchive, sendFolder } from './send-import.ts'
import { useSentFiles } from './sent-files.tsx'

/** Takes a folder with a folder for each person, or an archive of the same. */
export function StartImport() {
  const text = useText()
  const folder = useRef<HTMLInputElement>(null)
  const archive = useRef<HTMLInputElement>(null)
  const [isOver, setIsOver] = useState(false)
  const [files, setFiles] = useState<readonly PlacedFile[] | null>(null)
  const drop = async (event: DragEvent) => {
    event.preventDefault()
    setIsOver(false)
    setFiles(await droppedFiles(event.dataTransfer.items))
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a way for the mouse beside the buttons within
    <div
      className={`drop start import-drop ${isOver ? 'over' : ''}`}
      onDragOver={(event) => {
        event.preventDefault()
        setIsOver(true)
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={(event) => void drop(event)}
    >
      <input
        // It is no attribute that React knows.
        ref={(element) => {
          folder.current = element
          element?.setAttribute('webkitdirectory', '')
        }}
        type="file"
        multiple
        hidden
        aria-label={text.imports.chooseFolder}
        onChange={({ currentTarget }) => {
          setFiles(chosenFiles([...(currentTarget.files ?? [])]))
          currentTarget.value = ''
        }}
      />
      <input
        ref={archive}
        type="file"
        accept=".zip,.tar,.tar.gz,.tgz"
        hidden
        aria-label={text.imports.chooseArchive}
        onChange={({ currentTarget }) => {
          setFiles([...(currentTarget.files ?? [])].map((file) => ({ path: file.name, file })))
          currentTarget.value = ''
        }}
      />
      <Icon name="imports" />
      <p className="lead">{text.imports.drop}</p>
      <p className="quiet">{text.imports.dropHint}</p>
      <div className="actions">
        <Button look="main" onClick={() => folder.current?.click()}>
          {text.imports.chooseFolder}
        </Button>
        <Button onClick={() => archive.current?.click()}>{text.imports.chooseArchive}</Button>
      </div>
      {files === null || files.length === 0 ? null : (
        <ImportDialog files={files} onClose={() => setFiles(null)} />
      )}
    </div>
  )
}

interface ImportDialogProps {
  readonly files: readonly PlacedFile[]
  readonly onClose: () => void
}

function ImportDialog({ files, onClose }: ImportDialogProps) {
  const text = useText()
  const formats = useFormats()
  const queries = useQueryClient()
  const sentFiles = useSentFiles()
  const [first] = files
  const contentType = files.length === 1 && first !== undefined ? archiveType(first.path) : null
  const [sent, setSent] = useState(0)
  const [options, setOptions] = useState<ImportOptions>({
    name: text.imports.usualName(formats.time(new Date().toISOString())),
    groupId: '',
    faces: 'central',
    quality: 'off',
  })
  const change = (part: Partial<ImportOptions>) => setOptions({ ...options, ...part })
  const run = useMutation({
    mutationFn: async () => {
      const { id } = await beginImport(options)
      if (first !== undefined && contentType !== null) await sendArchive(id, first.file, contentType)
      else {
        sentFiles.keep(id, files)
        await sendFolder(id, files, setSent)
      }
      return id
    },
    onSuccess: (id) => {
      void queries.invalidateQueries({ queryKey: ['imports'] })
      onClose()
      goTo(`/imports/${id}`)
    },
  })
  const folders = new Set(files.map(({ path }) => path.split('/').slice(0, -1).join('/'))).size
  return (
    <Dialog title={text.imports.start} onClose={onClose}>
      <p className="quiet">
        {contentType === null ? text.imports.found(files.length, folders) : (first?.path ?? '')}
      </p>
      <div className="fields">
        <Field label={text.imports.name}>
          {(wiring) => (
            <input
              {...wiring}
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
        <label className="check">
          <input
            type="checkbox"
            checked={options.faces === 'one'}
            onChange={({ currentTarget }) => change({ faces: currentTarget.checked ? 'one' : 'central' })}
          />
          <span>{text.imports.onlyOne}</span>
        </label>
        <label className="check">
          <input
            type="checkbox"
            checked={options.quality === 'standard'}
            onChange={({ currentTarget }) => change({ quality: currentTarget.checked ? 'standard' : 'off' })}
          />
          <span>{text.imports.onlyGood}</span>
        </label>
      </div>
      {run.isPending ? (
        <progress
          aria-label={text.imports.sending}
          max={files.length}
          value={contentType === null ? sent : undefined}
        />
      ) : null}
      <ProblemText error={run.error} />
      <div className="actions end">
        <Button onClick={onClose}>{text.common.cancel}</Button>
        <Button look="main" icon="imports" isBusy={run.isPending} onClick={() => run.mutate()}>
          {text.imports.startAction}
        </Button>
      </div>
    </Dialog>
  )
}
