import { answerOf } from '@semblance/client'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useFormats } from '../../../language/formats.ts'
import { useText } from '../../../language/language.tsx'
import { Button } from '../../../parts/button.tsx'
import { Confirm } from '../../../parts/confirm.tsx'
import { Dialog } from '../../../parts/dialog.tsx'
import { DropZone } from '../../../parts/drop-zone.tsx'
import { useAnnounce } from '../../../parts/notices.tsx'
import { PersonPicture } from '../../../parts/person-picture.tsx'
import { Empty, Problem, ProblemText, SayableError, Skeleton, sayProblem } from '../../../parts/states.tsx'
import { api, type Image, type Person } from '../../../server/api.ts'
import { formOf } from '../../../server/form.ts'
import { imageAddress } from '../../../server/picture-address.ts'
import { useGalleryChanged } from '../../../server/queries.ts'

/** More than anybody looks at; the export has all. */
const MOST_SHOWN = 200

/** The pictures of a person: each with its face and how good that is. More are dropped on them. */
export function PersonImages({ person }: { readonly person: Person }) {
  const text = useText()
  const images = useQuery({
    queryKey: ['person', person.id, 'images'],
    queryFn: ({ signal }) => {
      const params = { path: { personId: person.id }, query: { size: MOST_SHOWN } }
      return answerOf(api.GET('/api/persons/{personId}/images', { params, signal }))
    },
  })
  const add = useAddPictures(person)
  return (
    <section aria-label={text.person.pictures}>
      <DropZone label={text.person.addPictures} onFiles={add.mutate} className="images">
        {(choose) => (
          <>
            <div className="section-head">
              <h2 className="lead">{text.person.pictures}</h2>
              <Button icon="plus" isBusy={add.isPending} onClick={choose}>
                {text.person.addPictures}
              </Button>
            </div>
            <ProblemText error={add.error} />
            {images.isPending ? <Skeleton kind="tiles" /> : null}
            {images.isError ? <Problem error={images.error} onRetry={images.refetch} /> : null}
            {images.data?.items.length === 0 ? (
              <Empty icon="camera" title={text.person.noPictures}>
                <p className="quiet">{text.person.noPicturesHint}</p>
              </Empty>
            ) : null}
            <ul className="image-grid">
              {images.data?.items.map((image) => (
                <li key={image.id}>
                  <ImageTile person={person} image={image} />
                </li>
              ))}
            </ul>
          </>
        )}
      </DropZone>
    </section>
  )
}

/** One after the other; what was refused is said for all at the end, by the names of the files. */
function useAddPictures(person: Person) {
  const text = useText()
  const announce = useAnnounce()
  const galleryChanged = useGalleryChanged()
  return useMutation({
    mutationFn: async (files: readonly File[]) => {
      const refused: string[] = []
      const params = { path: { personId: person.id } }
      for (const file of files) {
        await answerOf(api.POST('/api/persons/{personId}/images', { params, ...formOf(file) })).catch(
          (error) => refused.push(`${file.name}: ${sayProblem(error, text)}`),
        )
      }
      if (refused.length > 0) throw new SayableError(refused.join(' '))
      return files.length
    },
    onSuccess: (number) => announce(text.person.addedPictures(number)),
    onSettled: galleryChanged,
  })
}

function ImageTile({ person, image }: { readonly person: Person; readonly image: Image }) {
  const text = useText()
  const formats = useFormats()
  const galleryChanged = useGalleryChanged()
  const [open, setOpen] = useState<'look' | 'delete' | null>(null)
  const quality = image.faceQuality === undefined ? null : Math.round(image.faceQuality)
  const params = { path: { personId: person.id, imageId: image.id } }
  return (
    <>
      <button type="button" className="image-tile" onClick={() => setOpen('look')}>
        <PersonPicture
          personId={person.id}
          imageId={image.id}
          side={192}
          alt={text.person.pictureOf(formats.day(image.createdAt))}
        />
        {quality === null ? null : (
          <span className="small quality">
            <meter min={0} max={100} low={40} high={70} optimum={100} value={quality} aria-hidden="true" />
            {text.person.quality(quality)}
          </span>
        )}
      </button>
      {open === 'look' ? (
        <Dialog title={formats.time(image.createdAt)} onClose={() => setOpen(null)} isWide>
          <img
            className="whole-picture"
            src={imageAddress(person.id, image.id, { side: 768 })}
            alt={person.name}
          />
          <div className="actions end">
            <Button icon="trash" look="danger" onClick={() => setOpen('delete')}>
              {text.person.deletePicture}
            </Button>
          </div>
        </Dialog>
      ) : null}
      {open === 'delete' ? (
        <Confirm
          title={text.person.deletePicture}
          body={text.person.deletePictureBody(person.name)}
          action={text.common.delete}
          onClose={() => setOpen(null)}
          run={async () => {
            await answerOf(api.DELETE('/api/persons/{personId}/images/{imageId}', { params }))
            galleryChanged()
          }}
        />
      ) : null}
    </>
  )
}
