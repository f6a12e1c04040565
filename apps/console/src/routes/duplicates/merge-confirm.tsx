import { useFormats } from '../../language/formats.ts'
import { useText } from '../../language/language.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { PersonPicture } from '../../parts/person-picture.tsx'
import type { DuplicatePair } from '../../server/api.ts'
import { merge, useMerged } from '../../server/use-merge.ts'

type Twin = DuplicatePair['persons'][number]

interface MergeConfirmProps {
  readonly kept: Twin
  readonly gone: Twin
  readonly onClose: () => void
}

/** Before two people become one, which nothing takes back: who stays, who goes, and what is taken over. */
export function MergeConfirm({ kept, gone, onClose }: MergeConfirmProps) {
  const text = useText()
  const formats = useFormats()
  const merged = useMerged()
  const { mergeTitle, mergeBody, mergeInto, stays, goes, since } = text.duplicates
  return (
    <Confirm
      title={mergeTitle(kept.name)}
      body={mergeBody(gone.name, kept.name)}
      action={mergeInto(kept.name)}
      icon="duplicates"
      onClose={onClose}
      run={() => merge({ keptId: kept.personId, goneId: gone.personId })}
      onDone={() => merged(kept.name)}
    >
      <div className="twin-pictures">
        {[kept, gone].map(({ personId, imageId, name, createdAt }) => (
          <figure key={personId}>
            <PersonPicture personId={personId} imageId={imageId} side={192} alt="" />
            <figcaption>
              <b>{personId === kept.personId ? stays(name) : goes(name)}</b>
              {/* Both may have one name. */}
              <span className="small quiet">{since(formats.day(createdAt))}</span>
            </figcaption>
          </figure>
        ))}
      </div>
    </Confirm>
  )
}
