import { createContext, type ReactNode, useContext, useMemo, useRef } from 'react'
import type { PlacedFile } from './folder-files.ts'

interface SentFiles {
  readonly keep: (importId: string, files: readonly PlacedFile[]) => void
  /** Where the page has the photo, for an `<img>`. */
  readonly find: (importId: string, key: string) => string | null
}

const Context = createContext<SentFiles>({ keep: () => undefined, find: () => null })

/** Photos that this page sent, so that a row that failed can be shown with its picture: the server has it no more. */
export function SentFilesProvider({ children }: { readonly children: ReactNode }) {
  const files = useRef(new Map<string, ReadonlyMap<string, File>>())
  const addresses = useRef(new Map<File, string>())
  const value = useMemo<SentFiles>(
    () => ({
      keep: (importId, sent) =>
        files.current.set(importId, new Map(sent.map(({ path, file }) => [path, file] as const))),
      find: (importId, key) => {
        const file = files.current.get(importId)?.get(key)
        if (file === undefined) return null
        const address = addresses.current.get(file) ?? URL.createObjectURL(file)
        addresses.current.set(file, address)
        return address
      },
    }),
    [],
  )
  return <Context value={value}>{children}</Context>
}

export function useSentFiles(): SentFiles {
  return useContext(Context)
}
