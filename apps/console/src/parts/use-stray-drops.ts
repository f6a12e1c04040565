import { useEffect } from 'react'
import { useText } from '../language/language.tsx'
import { useAnnounce } from './notices.tsx'
import { hasFiles } from './use-dropped-files.ts'

/**
 * A file that is dropped beside every place for it would be opened by the browser instead of the page, which loses all. It is
 * taken nowhere, and the page says so.
 */
export function useStrayDrops(): void {
  const text = useText()
  const announce = useAnnounce()
  useEffect(() => {
    const keep = (event: DragEvent) => {
      if (event.defaultPrevented || event.dataTransfer === null) return
      event.preventDefault()
      // Said to be none for a file, too, the browser would not tell of its drop.
      if (!hasFiles(event)) event.dataTransfer.dropEffect = 'none'
    }
    const refuse = (event: DragEvent) => {
      if (event.defaultPrevented || event.dataTransfer === null) return
      event.preventDefault()
      if (hasFiles(event)) announce(text.states.strayDrop)
    }
    window.addEventListener('dragover', keep)
    window.addEventListener('drop', refuse)
    return () => {
      window.removeEventListener('dragover', keep)
      window.removeEventListener('drop', refuse)
    }
  }, [announce, text])
}
