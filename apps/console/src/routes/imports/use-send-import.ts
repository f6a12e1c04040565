import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { goTo } from '../../router.tsx'
import { archiveType, type PlacedFile } from './folder-files.ts'
import { beginImport, cancelImport, type ImportOptions, sendArchive, sendFolder } from './send-import.ts'
import { useSentFiles } from './sent-files.tsx'

/** Makes an import and sends its files. Whoever goes away meanwhile ends it: nobody else has the rest of the files. */
export function useSendImport(files: readonly PlacedFile[], onDone: () => void) {
  const queries = useQueryClient()
  const sentFiles = useSentFiles()
  const [first] = files
  const contentType = files.length === 1 && first !== undefined ? archiveType(first.path) : null
  const [sent, setSent] = useState(0)
  const begun = useRef<string | null>(null)
  const stopped = useRef(new AbortController())
  const end = useRef(() => {})
  const run = useMutation({
    mutationFn: async (options: ImportOptions) => {
      stopped.current = new AbortController()
      const { signal } = stopped.current
      // After a fault the same import goes on: what it has already has no second effect.
      begun.current ??= (await beginImport(options)).id
      const id = begun.current
      // Whoever closed the dialog while it was made is not left with an import that waits for files.
      if (signal.aborted) end.current()
      signal.throwIfAborted()
      if (first !== undefined && contentType !== null)
        await sendArchive(id, { file: first.file, contentType }, { signal })
      else {
        sentFiles.keep(id, files)
        await sendFolder(id, files, { signal, onSent: setSent })
      }
      begun.current = null
      return id
    },
    onSuccess: (id) => {
      void queries.invalidateQueries({ queryKey: ['imports'] })
      onDone()
      goTo(`/imports/${id}`)
    },
  })
  useWarning(run.isPending)
  end.current = () => {
    stopped.current.abort()
    const id = begun.current
    begun.current = null
    if (id === null) return
    void cancelImport(id)
      // It stays open then, and the list says so.
      .catch(() => {})
      .finally(() => queries.invalidateQueries({ queryKey: ['imports'] }))
  }
  useEffect(() => () => end.current(), [])
  return { run, sent, archive: contentType === null ? null : (first?.path ?? null), cancel: onDone }
}

/** The browser asks whoever is about to leave the page. */
function useWarning(isSending: boolean): void {
  useEffect(() => {
    if (!isSending) return
    const warn = (event: BeforeUnloadEvent) => event.preventDefault()
    window.addEventListener('beforeunload', warn)
    return () => window.removeEventListener('beforeunload', warn)
  }, [isSending])
}
