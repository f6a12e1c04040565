import { answerOf } from '@semblance/client'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useFormats } from '../../../language/formats.ts'
import { useText } from '../../../language/language.tsx'
import { Button } from '../../../parts/button.tsx'
import { DoubtfulPictures } from '../../../parts/doubtful-pictures.tsx'
import { DropZone } from '../../../parts/drop-zone.tsx'
import { Icon } from '../../../parts/icon.tsx'
import { useAnnounce } from '../../../parts/notices.tsx'
import { ProblemText } from '../../../parts/states.tsx'
import { Link } from '../../../router.tsx'
import { api } from '../../../server/api.ts'
import { useAddPicture } from '../../../server/doubts.ts'
import { useGalleryChanged } from '../../../server/queries.ts'
import { useSentFiles } from '../sent-files.tsx'
import type { ReportRow } from './report.ts'

interface FailedRowProps {
  readonly importId: string
  readonly row: ReportRow
}

/** One photo that enrolled nobody: what it is, why, and another photo in its place. */
export function FailedRow({ importId, row }: FailedRowProps) {
  const text = useText()
  const announce = useAnnounce()
  const galleryChanged = useGalleryChanged()
  const addPicture = useAddPicture()
  const name = personNameOf(row)
  const mend = useMutation({
    mutationFn: async ([file]: readonly File[]) => {
      if (file === undefined) throw new Error('no file was chosen')
      const personId = row.personId ?? (await personOf(name))
      return { personId, imageId: (await addPicture(personId, file)).id }
    },
    onSuccess: () => {
      announce(text.imports.mended(name))
      galleryChanged()
    },
  })
  return (
    <li className="failed-row panel">
      <SentPicture importId={importId} fileKey={row.key} />
      <div>
        <b>{row.key}</b>
        <Reason row={row} />
        <ProblemText error={mend.error} />
        {mend.isSuccess ? <DoubtfulPictures {...mend.data} onTakenBack={mend.reset} /> : null}
      </div>
      {mend.isSuccess ? (
        <Link to={`/people/${mend.data.personId}`} className="button bare">
          <Icon name="check" /> {text.imports.isMended}
        </Link>
      ) : (
        <DropZone
          label={text.imports.anotherFor(row.key)}
          isMultiple={false}
          onFiles={mend.mutate}
          className="inline"
        >
          {(choose) => (
            <Button icon="camera" isBusy={mend.isPending} onClick={choose}>
              {text.imports.another}
            </Button>
          )}
        </DropZone>
      )}
    </li>
  )
}

function Reason({ row }: { readonly row: ReportRow }) {
  const text = useText()
  const formats = useFormats()
  return (
    <p className="small quiet">
      {[
        row.characteristic === undefined
          ? null
          : `${row.characteristic}: ${formats.short(row.value ?? 0)} (${row.limits ?? ''})`,
        row.faceCount === undefined ? null : text.search.faces(row.faceCount),
        row.field ?? null,
        row.why ?? null,
      ]
        .filter((part) => part !== null)
        .join(' · ')}
      {row.likePersonId === undefined ? null : (
        <Link to={`/people/${row.likePersonId}`}>
          {text.imports.like(formats.hundredths(row.likeDistance ?? 0))}
        </Link>
      )}
    </p>
  )
}

function SentPicture({ importId, fileKey }: { readonly importId: string; readonly fileKey: string }) {
  const url = useSentFiles().find(importId, fileKey)
  const [isBroken, setIsBroken] = useState(false)
  return (
    <span className="picture sent">
      {url === null || isBroken ? (
        <Icon name="camera" />
      ) : (
        <img src={url} alt="" onError={() => setIsBroken(true)} />
      )}
    </span>
  )
}

/** The folder of the photo, which is the person's name and external id. */
function personNameOf({ key, person }: ReportRow): string {
  const folder = key.split('/').at(-2)
  return folder ?? person?.replace(/^\w+:/, '') ?? key
}

/** Whoever the import meant; they are not there if none of their photos was enrolled. */
async function personOf(externalId: string): Promise<string> {
  const params = { query: { externalId, size: 1 } }
  const [known] = (await answerOf(api.GET('/api/persons', { params }))).items
  if (known !== undefined) return known.id
  return (await answerOf(api.POST('/api/persons', { body: { name: externalId, externalId } }))).id
}
