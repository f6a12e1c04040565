import { answerOf } from '@semblance/client'
import { useState } from 'react'
import { useFormats } from '../../../language/formats.ts'
import { useText } from '../../../language/language.tsx'
import { boxOf } from '../../../parts/box.ts'
import { BoxedPicture } from '../../../parts/boxed-picture.tsx'
import { Button } from '../../../parts/button.tsx'
import { Confirm } from '../../../parts/confirm.tsx'
import { Dialog } from '../../../parts/dialog.tsx'
import { ProblemText, Skeleton } from '../../../parts/states.tsx'
import { api, type Image, type Person } from '../../../server/api.ts'
import { useForgetDoubt } from '../../../server/doubts.ts'
import { imageAddress, originalAddress } from '../../../server/picture-address.ts'
import { useGalleryChanged } from '../../../server/queries.ts'
import { FaceQuality } from './face-quality.tsx'
import { useEnrolledFace } from './use-enrolled-face.ts'

interface PictureDialogProps {
  readonly person: Person
  readonly image: Image
  /** Of the picture before and after this one; null at the ends. */
  readonly onEarlier: (() => void) | null
  readonly onLater: (() => void) | null
  readonly onClose: () => void
}

/** One enrolled picture as a whole: which face of it was enrolled, and how good that face is. */
export function PictureDialog({ person, image, onEarlier, onLater, onClose }: PictureDialogProps) {
  const text = useText()
  const formats = useFormats()
  const galleryChanged = useGalleryChanged()
  const forgetDoubt = useForgetDoubt()
  const [isDeleting, setIsDeleting] = useState(false)
  const params = { path: { personId: person.id, imageId: image.id } }
  if (isDeleting) {
    return (
      <Confirm
        title={text.person.deletePicture}
        body={text.person.deletePictureBody(person.name)}
        action={text.common.delete}
        onClose={onClose}
        run={async () => {
          await answerOf(api.DELETE('/api/persons/{personId}/images/{imageId}', { params }))
          forgetDoubt({ personId: person.id, imageId: image.id })
          galleryChanged()
        }}
      />
    )
  }
  return (
    <Dialog title={text.person.pictureOf(formats.time(image.createdAt))} onClose={onClose} isWide>
      <WholePicture key={image.id} person={person} image={image} />
      <div className="actions end">
        <Button icon="back" disabled={onEarlier === null} onClick={() => onEarlier?.()}>
          {text.person.earlierPicture}
        </Button>
        <Button disabled={onLater === null} onClick={() => onLater?.()}>
          {text.person.laterPicture}
        </Button>
        <Button icon="trash" look="danger" onClick={() => setIsDeleting(true)}>
          {text.person.deletePicture}
        </Button>
      </div>
    </Dialog>
  )
}

function WholePicture({ person, image }: Pick<PictureDialogProps, 'person' | 'image'>) {
  const text = useText()
  const found = useEnrolledFace(person.id, image)
  const face = found.data ?? null
  return (
    <div className="picture-view">
      <BoxedPicture
        url={originalAddress(person.id, image.id)}
        alt={text.person.wholePicture(person.name)}
        label={text.person.enrolledFace}
        face={face === null ? null : { box: boxOf(face.roi), landmarks: face.landmarks }}
        undrawable={
          <img
            className="whole-picture"
            src={imageAddress(person.id, image.id, { side: 768 })}
            alt={text.person.wholePicture(person.name)}
          />
        }
      />
      <div className="picture-note">
        {found.isPending ? <Skeleton kind="lines" /> : null}
        <ProblemText error={found.error} />
        {found.data === null ? <p className="quiet">{text.person.noFaceAnyMore}</p> : null}
        {face === null ? null : (
          <>
            <p className="small quiet">{text.person.foundAgain}</p>
            {face.landmarksUncertain === true ? <p className="small">{text.search.uncertain}</p> : null}
            <FaceQuality face={face} />
          </>
        )}
      </div>
    </div>
  )
}
