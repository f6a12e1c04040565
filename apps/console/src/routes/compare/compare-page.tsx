import { useEffect, useRef, useState } from 'react'
import { useText } from '../../language/language.tsx'
import { Button } from '../../parts/button.tsx'
import { Icon } from '../../parts/icon.tsx'
import { PageHead } from '../../parts/page-head.tsx'
import { Barrier, Empty, Skeleton } from '../../parts/states.tsx'
import { useDroppedFiles } from '../../parts/use-dropped-files.ts'
import { usePastedPictures } from '../../parts/use-pasted-pictures.ts'
import { CompareAnswer } from './compare-answer.tsx'
import { PhotoSlot } from './photo-slot.tsx'
import { type ComparedPhoto, facesOf, faultOf, isUnreadable, useComparison } from './use-comparison.ts'

type Pair = readonly [ComparedPhoto | null, ComparedPhoto | null]

const NOTHING: Pair = [null, null]
const PLACES = [0, 1] as const

/** Do two pictures show the same person? */
export function ComparePage() {
  const text = useText()
  const { photos, put, clear } = usePhotos()
  const [selected, setSelected] = useState<readonly [number, number]>([0, 0])
  const comparison = useComparison(photos[0], photos[1])
  const { data } = comparison
  const faces = PLACES.map((place) => facesOf(data, place))
  const take = (place: 0 | 1, files: readonly File[]) => {
    setSelected([0, 0])
    put(place, files)
  }
  /** Whatever is given to neither of the two places goes to the first that is empty. */
  const takeAnywhere = (files: readonly File[]) => take(photos[0] === null ? 0 : 1, files)
  usePastedPictures(takeAnywhere)
  useDroppedFiles(takeAnywhere)
  const without = data === undefined ? undefined : PLACES.find((place) => faultOf(data, place) !== null)
  return (
    <>
      <PageHead title={text.shell.compare} note={text.compare.note}>
        {photos.some((photo) => photo !== null) ? (
          <Button icon="close" look="bare" onClick={clear}>
            {text.compare.clear}
          </Button>
        ) : null}
      </PageHead>
      <div className="compare">
        {PLACES.map((place) => (
          <PhotoSlot
            key={place}
            number={place + 1}
            photo={photos[place]}
            faces={faces[place] ?? []}
            isBusy={comparison.isFetching}
            selected={selected[place]}
            onSelect={(face) => setSelected(place === 0 ? [face, selected[1]] : [selected[0], face])}
            onFiles={(files) => take(place, files)}
          />
        ))}
      </div>
      <section className="compare-answer" aria-label={text.compare.answer}>
        <Barrier of={comparison} />
        {comparison.isFetching ? <Skeleton kind="cards" /> : null}
        {data === undefined || without === undefined ? null : (
          <Empty
            icon="person"
            title={
              isUnreadable(data, without)
                ? text.compare.unreadable(without + 1)
                : text.compare.noFace(without + 1)
            }
          >
            <p className="quiet">{faultOf(data, without) || text.search.noFaceHint}</p>
          </Empty>
        )}
        {data === undefined || photos[0] === null || photos[1] === null || without !== undefined ? (
          <p className="small quiet">
            <Icon name="check" /> {text.compare.nothingKept}
          </p>
        ) : (
          <CompareAnswer
            answer={data}
            photos={[photos[0], photos[1]]}
            faces={[faces[0]?.[selected[0]], faces[1]?.[selected[1]]]}
            areSeveral={faces.some(({ length }) => length > 1)}
          />
        )}
      </section>
    </>
  )
}

function usePhotos() {
  const [photos, setPhotos] = useState<Pair>(NOTHING)
  const shown = useRef<Pair>(NOTHING)
  /** The browser lets go of photos that are no longer shown. */
  const show = (next: Pair) => {
    for (const photo of shown.current)
      if (photo !== null && !next.includes(photo)) URL.revokeObjectURL(photo.url)
    shown.current = next
    setPhotos(next)
  }
  const put = (place: 0 | 1, [file, other]: readonly File[]) => {
    const [first, second] = shown.current
    const next = photoOf(file)
    if (place === 0) show([next, other === undefined ? second : photoOf(other)])
    else show([other === undefined ? first : photoOf(other), next])
  }
  useEffect(
    () => () => {
      for (const photo of shown.current) if (photo !== null) URL.revokeObjectURL(photo.url)
    },
    [],
  )
  return { photos, put, clear: () => show(NOTHING) }
}

function photoOf(file: File | undefined): ComparedPhoto | null {
  return file === undefined ? null : { id: crypto.randomUUID(), file, url: URL.createObjectURL(file) }
}
