import { type SyntheticEvent, useState } from 'react'

/** Width and height of a picture in its own pixels, once the browser has drawn it; and whether it cannot. */
export function useDrawnSize() {
  const [size, setSize] = useState<readonly [number, number] | null>(null)
  const [isBroken, setIsBroken] = useState(false)
  const onLoad = ({ currentTarget }: SyntheticEvent<HTMLImageElement>) =>
    setSize([currentTarget.naturalWidth, currentTarget.naturalHeight])
  return { size, isBroken, ofImage: { onLoad, onError: () => setIsBroken(true) } }
}
