import { useEffect, useRef } from 'react'

/** Files that are dropped anywhere in the page but on a place of their own, which keeps them to itself. */
export function useDroppedFiles(onFiles: (files: readonly File[]) => void): void {
  const latest = useRef(onFiles)
  useEffect(() => {
    latest.current = onFiles
  })
  useEffect(() => {
    const allow = (event: DragEvent) => {
      if (hasFiles(event)) event.preventDefault()
    }
    const take = (event: DragEvent) => {
      if (event.defaultPrevented || !hasFiles(event)) return
      // So that it does not count as one that nothing takes.
      event.preventDefault()
      latest.current([...(event.dataTransfer?.files ?? [])])
    }
    document.addEventListener('dragover', allow)
    document.addEventListener('drop', take)
    return () => {
      document.removeEventListener('dragover', allow)
      document.removeEventListener('drop', take)
    }
  }, [])
}

export function hasFiles({ dataTransfer }: DragEvent): boolean {
  return dataTransfer?.types.includes('Files') === true
}
