import { type CSSProperties, type SyntheticEvent, useState } from 'react'

/** Width and height of a picture in its own pixels, once the browser has drawn it; and whether it cannot. */
export function useDrawnSize() {
  const [size, setSize] = useState<readonly [number, number] | null>(null)
  const [isBroken, setIsBroken] = useState(false)
  const onLoad = ({ currentTarget }: SyntheticEvent<HTMLImageElement>) =>
    setSize([currentTarget.naturalWidth, currentTarget.naturalHeight])
  return { size, isBroken, frame: frameOf(size), ofImage: { onLoad, onError: () => setIsBroken(true) } }
}

/** What is around the picture has exactly its shape: boxes are laid on it by shares of its width and height. */
function frameOf(size: readonly [number, number] | null) {
  if (size === null) return {}
  const [width, height] = size
  return {
    'data-drawn': true,
    style: { '--ratio': width / height, '--natural': `${width}px` } as CSSProperties,
  }
}
