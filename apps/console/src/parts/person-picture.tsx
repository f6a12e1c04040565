import { useState } from 'react'
import { useConnection } from '../server/connection.tsx'
import { imageAddress, portraitAddress, type Side } from '../server/picture-address.ts'
import { Icon } from './icon.tsx'

interface PersonPictureProps {
  readonly personId: string
  /** Left out: the person's first picture. */
  readonly imageId?: string | undefined
  readonly side: Side
  /** Empty where a name stands beside it. */
  readonly alt: string
  /** The whole picture instead of the face. */
  readonly isWhole?: boolean
}

/** The enrolled face as a square, or an outline where there is no picture. It never moves what is around it. */
export function PersonPicture({ personId, imageId, side, alt, isWhole = false }: PersonPictureProps) {
  const cut = { side, face: !isWhole }
  const address =
    imageId === undefined ? portraitAddress(personId, cut) : imageAddress(personId, imageId, cut)
  const { returns } = useConnection()
  const [failed, setFailed] = useState<string | null>(null)
  const [loaded, setLoaded] = useState<string | null>(null)
  // A picture that did not come while the server was away is asked for again.
  const attempt = `${returns} ${address}`
  if (failed === attempt) {
    return (
      <span className="picture none">
        {alt === '' ? null : <span className="unseen">{alt}</span>}
        <Icon name="person" />
      </span>
    )
  }
  return (
    <span className={loaded === address ? 'picture' : 'picture waiting'}>
      <img
        src={address}
        alt={alt}
        loading="lazy"
        decoding="async"
        draggable={false}
        onLoad={() => setLoaded(address)}
        onError={() => setFailed(attempt)}
      />
    </span>
  )
}
