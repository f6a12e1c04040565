import { answerOf } from '@semblance/client'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useFormats } from '../../../language/formats.ts'
import { useText } from '../../../language/language.tsx'
import { Button } from '../../../parts/button.tsx'
import { DoubtfulPictures } from '../../../parts/doubtful-pictures.tsx'
import { DropZone } from '../../../parts/drop-zone.tsx'
import { Live } from '../../../parts/live.tsx'
import { useAnnounce } from '../../../parts/notices.tsx'
import { PersonPicture } from '../../../parts/person-picture.tsx'
import { Section } from '../../../parts/section.tsx'
import { Barrier, Empty, ProblemText, SayableError, Skeleton, sayProblem } from '../../../parts/states.tsx'
import { useWork } from '../../../parts/use-work.ts'
import { api, type Image, type Person } from '../../../server/api.ts'
import { useAddPicture } from '../../../server/doubts.ts'
import { useGalleryChanged } from '../../../server/queries.ts'
import { PictureDialog } from './picture-dialog.tsx'

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
  const all = images.data?.items ?? []
  const [open, setOpen] = useState<number | null>(null)
  const shown = open === null ? undefined : all[open]
  return (
    <>
      <DropZone label={text.person.addPictures} onFiles={add.mutate} className="images">
        {(choose) => (
          <Section
            title={text.person.pictures}
            action={
              <Button icon="plus" isBusy={add.isPending} onClick={choose}>
                {text.person.addPictures}
              </Button>
            }
          >
            {add.isPending && add.all > 1 ? (
              <Live className="small quiet">{text.person.adding(add.done, add.all)}</Live>
            ) : null}
            <ProblemText error={add.error} />
            <DoubtfulPictures personId={person.id} />
            {images.isPending ? <Skeleton kind="tiles" /> : null}
            <Barrier of={images} />
            {images.data?.items.length === 0 ? (
              <Empty icon="camera" title={text.person.noPictures}>
                <p className="quiet">{text.person.noPicturesHint}</p>
              </Empty>
            ) : null}
            <ul className="image-grid">
              {all.map((image, place) => (
                <li key={image.id}>
                  <ImageTile person={person} image={image} onOpen={() => setOpen(place)} />
                </li>
              ))}
            </ul>
          </Section>
        )}
      </DropZone>
      {open === null || shown === undefined ? null : (
        <PictureDialog
          person={person}
          image={shown}
          onEarlier={open === 0 ? null : () => setOpen(open - 1)}
          onLater={open + 1 >= all.length ? null : () => setOpen(open + 1)}
          onClose={() => setOpen(null)}
        />
      )}
    </>
  )
}

/** One after the other; what was refused is said for all at the end, by the names of the files. */
function useAddPictures(person: Person) {
  const text = useText()
  const announce = useAnnounce()
  const galleryChanged = useGalleryChanged()
  const addPicture = useAddPicture()
  const [progress, setProgress] = useState({ done: 0, all: 0 })
  const add = useWork({
    title: `${person.name}, ${text.person.addPictures}`,
    run: async (files: readonly File[]) => {
      const refused: string[] = []
      for (const [done, file] of files.entries()) {
        setProgress({ done, all: files.length })
        await addPicture(person.id, file).catch((error) =>
          refused.push(`${file.name}: ${sayProblem(error, text)}`),
        )
      }
      galleryChanged()
      if (refused.length > 0) throw new SayableError(refused.join(' '))
      return files.length
    },
    onDone: (number) => announce(text.person.addedPictures(number)),
  })
  return { ...add, ...progress }
}

interface ImageTileProps {
  readonly person: Person
  readonly image: Image
  readonly onOpen: () => void
}

function ImageTile({ person, image, onOpen }: ImageTileProps) {
  const text = useText()
  const formats = useFormats()
  const quality = image.faceQuality === undefined ? null : Math.round(image.faceQuality)
  return (
    <button type="button" className="image-tile" onClick={onOpen}>
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
  )
}
