import { useText } from '../../language/language.tsx'
import { boxOf } from '../../parts/box.ts'
import { Button } from '../../parts/button.tsx'
import { DropZone } from '../../parts/drop-zone.tsx'
import { FacePhoto } from '../../parts/face-photo.tsx'
import type { ComparedFace, ComparedPhoto } from './use-comparison.ts'

interface PhotoSlotProps {
  /** 1 or 2. */
  readonly number: number
  readonly photo: ComparedPhoto | null
  readonly faces: readonly ComparedFace[]
  readonly isBusy: boolean
  readonly selected: number
  readonly onSelect: (face: number) => void
  readonly onFiles: (files: readonly File[]) => void
}

/** The place of one of the two pictures: empty, or with a button around each face. */
export function PhotoSlot({ number, photo, faces, isBusy, selected, onSelect, onFiles }: PhotoSlotProps) {
  const text = useText()
  return (
    <section aria-label={text.compare.picture(number)}>
      <DropZone
        label={text.compare.picture(number)}
        onFiles={onFiles}
        className={photo === null ? 'start compare-slot' : 'compare-slot'}
      >
        {(choose) =>
          photo === null ? (
            <>
              <p className="lead">{text.compare.drop}</p>
              <p className="quiet">{text.compare.dropHint}</p>
              <div className="actions">
                <Button icon="plus" onClick={choose}>
                  {text.compare.choose}
                </Button>
              </div>
            </>
          ) : (
            <>
              <FacePhoto
                // What is known of one photo, such as its size, is not of the next.
                key={photo.id}
                url={photo.url}
                alt={text.compare.photoAlt(number, faces.length)}
                undrawable={faces.length > 0 ? text.search.undrawableRead : text.search.undrawable}
                selected={selected}
                onSelect={onSelect}
                faces={faces.map(({ roi, landmarks }, place) => ({
                  box: boxOf(roi),
                  landmarks,
                  isKnown: place === selected,
                  label: text.compare.face(place + 1),
                }))}
              >
                {isBusy ? <div className="scan" /> : null}
              </FacePhoto>
              <Button icon="plus" look="bare" onClick={choose}>
                {text.compare.another}
              </Button>
            </>
          )
        }
      </DropZone>
    </section>
  )
}
