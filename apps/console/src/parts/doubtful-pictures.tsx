import { useMutation } from '@tanstack/react-query'
import { useFormats } from '../language/formats.ts'
import { useText } from '../language/language.tsx'
import { type Doubt, takeBack, useDoubts, useForgetDoubt } from '../server/doubts.ts'
import { useGalleryChanged } from '../server/queries.ts'
import { Button } from './button.tsx'
import { Live } from './live.tsx'
import { useAnnounce } from './notices.tsx'
import { PersonPicture } from './person-picture.tsx'
import { ProblemText } from './states.tsx'

interface DoubtfulPicturesProps {
  readonly personId: string
  /** Of this picture alone. */
  readonly imageId?: string
  readonly onTakenBack?: () => void
}

/** What was just added to somebody and may show somebody else, each with why, and a way to take it back. */
export function DoubtfulPictures({ personId, imageId, onTakenBack }: DoubtfulPicturesProps) {
  const text = useText()
  const doubts = useDoubts(personId).filter((doubt) => imageId === undefined || doubt.imageId === imageId)
  if (doubts.length === 0) return null
  return (
    <ul className="failed-rows" aria-label={text.doubts.title}>
      {doubts.map((doubt) => (
        <DoubtfulPicture key={doubt.imageId} doubt={doubt} onTakenBack={onTakenBack} />
      ))}
    </ul>
  )
}

interface DoubtfulPictureProps {
  readonly doubt: Doubt
  readonly onTakenBack: (() => void) | undefined
}

function DoubtfulPicture({ doubt, onTakenBack }: DoubtfulPictureProps) {
  const text = useText()
  const announce = useAnnounce()
  const galleryChanged = useGalleryChanged()
  const forget = useForgetDoubt()
  const why = useDoubtText()(doubt)
  const undo = useMutation({
    mutationFn: () => takeBack(doubt),
    onSuccess: () => {
      announce(text.doubts.takenBack(doubt.name))
      galleryChanged()
      forget(doubt)
      onTakenBack?.()
    },
  })
  return (
    <li className="failed-row panel">
      <PersonPicture personId={doubt.personId} imageId={doubt.imageId} side={96} alt={text.doubts.face} />
      <div>
        <b>{doubt.name}</b>
        <Live role="alert">{why}</Live>
        <ProblemText error={undo.error} />
      </div>
      <div className="actions">
        <Button isBusy={undo.isPending} onClick={() => undo.mutate()}>
          {text.doubts.takeBack}
        </Button>
        <Button look="bare" onClick={() => forget(doubt)}>
          {text.doubts.isRight}
        </Button>
      </div>
    </li>
  )
}

/** Why a picture is in doubt, in words. */
function useDoubtText(): (doubt: Doubt) => string {
  const text = useText()
  const formats = useFormats()
  return ({ faces, distance, isUncompared }) =>
    [
      faces > 1 ? text.doubts.faces(faces) : '',
      distance === null ? '' : text.doubts.far(formats.hundredths(distance)),
      isUncompared ? text.doubts.uncompared : '',
    ]
      .filter((sentence) => sentence !== '')
      .join(' ')
}
