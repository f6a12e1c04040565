import { type DragEvent, useRef, useState } from 'react'
import { useText } from '../../language/language.tsx'
import { Button } from '../../parts/button.tsx'
import { Icon } from '../../parts/icon.tsx'
import { useAnnounce } from '../../parts/notices.tsx'
import { archiveType, chosenFiles, droppedFiles, isForImport, type PlacedFile } from './folder-files.ts'
import { ImportDialog } from './import-dialog.tsx'

/** Takes a folder with a folder for each person, or an archive of the same. */
export function StartImport() {
  const text = useText()
  const folder = useRef<HTMLInputElement>(null)
  const archive = useRef<HTMLInputElement>(null)
  const [isOver, setIsOver] = useState(false)
  const announce = useAnnounce()
  const [files, setFiles] = useState<readonly PlacedFile[] | null>(null)
  const take = (placed: readonly PlacedFile[]) => {
    // One of them is enough: beside photos, folders have notes, and each is told of in the report.
    if (placed.some(isForImport)) setFiles(placed)
    else announce(text.imports.nothingFound)
  }
  // What the dialog of the browser is asked to show, whoever chooses may widen to all files.
  const takeArchive = (chosen: readonly File[]) =>
    take(chosen.filter(({ name }) => archiveType(name) !== null).map((file) => ({ path: file.name, file })))
  const drop = async (event: DragEvent) => {
    event.preventDefault()
    setIsOver(false)
    take(await droppedFiles(event.dataTransfer.items))
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
          take(chosenFiles([...(currentTarget.files ?? [])]))
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
          takeArchive([...(currentTarget.files ?? [])])
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
      {files === null ? null : <ImportDialog files={files} onClose={() => setFiles(null)} />}
    </div>
  )
}
