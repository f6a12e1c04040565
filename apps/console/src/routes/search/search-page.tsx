import { useState } from 'react'
import { useText } from '../../language/language.tsx'
import { Button } from '../../parts/button.tsx'
import { DropZone } from '../../parts/drop-zone.tsx'
import { Icon } from '../../parts/icon.tsx'
import { PageHead } from '../../parts/page-head.tsx'
import { usePastedPictures } from '../../parts/use-pasted-pictures.ts'
import { useStats } from '../../server/queries.ts'
import { CameraDialog } from './camera-dialog.tsx'
import { ContactSheet } from './contact-sheet.tsx'
import { FirstSteps } from './first-steps.tsx'
import { ProbeView } from './probe-view.tsx'
import { useProbes } from './probes.tsx'
import { isSample, SAMPLES, Samples } from './samples.tsx'

/** Who is in this picture? */
export function SearchPage() {
  const text = useText()
  const probes = useProbes()
  const stats = useStats()
  const [isCameraOpen, setIsCameraOpen] = useState(false)
  usePastedPictures(probes.add)
  const { shown } = probes
  const isEmpty = stats.data?.images === 0
  return (
    <>
      <PageHead title={text.search.title} note={shown === null ? text.search.note : undefined}>
        {shown === null ? null : (
          <DropZone label={text.search.choose} onFiles={probes.add} className="inline">
            {(choose) => (
              <div className="actions">
                <Button icon="camera" look="bare" onClick={() => setIsCameraOpen(true)}>
                  {text.search.camera}
                </Button>
                <Button icon="close" look="bare" onClick={probes.clear}>
                  {text.search.clear}
                </Button>
                <Button icon="plus" onClick={choose}>
                  {text.search.another}
                </Button>
              </div>
            )}
          </DropZone>
        )}
      </PageHead>
      {shown === null ? (
        <div className={isEmpty ? 'split' : ''}>
          <SearchStart onCamera={() => setIsCameraOpen(true)} onFiles={probes.add} />
          {isEmpty ? <FirstSteps /> : null}
        </div>
      ) : (
        <DropZone label={text.search.choose} onFiles={probes.add} className="whole">
          {() => (
            <>
              {isSample(shown.name) && (stats.data?.images ?? 0) < SAMPLES.length ? (
                <Samples hint={isEmpty ? text.first.sampleIsNew : text.first.sampleAgain} />
              ) : null}
              {probes.all.length > 1 ? <ContactSheet /> : null}
              <ProbeView key={shown.id} probe={shown} />
            </>
          )}
        </DropZone>
      )}
      {isCameraOpen ? (
        <CameraDialog onClose={() => setIsCameraOpen(false)} onPicture={(file) => probes.add([file])} />
      ) : null}
    </>
  )
}

interface SearchStartProps {
  readonly onFiles: (files: readonly File[]) => void
  readonly onCamera: () => void
}

function SearchStart({ onFiles, onCamera }: SearchStartProps) {
  const text = useText()
  return (
    <DropZone label={text.search.choose} onFiles={onFiles} className="start">
      {(choose) => (
        <>
          <svg className="start-frame" viewBox="0 0 96 96" aria-hidden="true">
            <path d="M8 28V14a6 6 0 0 1 6-6h14M68 8h14a6 6 0 0 1 6 6v14M88 68v14a6 6 0 0 1-6 6H68M28 88H14a6 6 0 0 1-6-6V68" />
            <circle cx="48" cy="40" r="14" />
            <path d="M24 76c2-14 12-18 24-18s22 4 24 18" />
          </svg>
          <p className="lead">{text.search.drop}</p>
          <p className="quiet">{text.search.dropHint}</p>
          <div className="actions">
            <Button look="main" icon="search" onClick={choose}>
              {text.search.choose}
            </Button>
            <Button icon="camera" onClick={onCamera}>
              {text.search.camera}
            </Button>
          </div>
          <p className="small quiet">
            <Icon name="check" /> {text.search.nothingKept}
          </p>
        </>
      )}
    </DropZone>
  )
}
