import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from 'react'
import { PictureTurns } from './picture-turns.ts'

/** A picture that is searched with. It is in this page alone, until the page is closed. */
export interface Probe {
  readonly id: string
  readonly file: Blob
  readonly name: string
  readonly url: string
}

interface Probes {
  readonly all: readonly Probe[]
  readonly shown: Probe | null
  readonly add: (files: readonly File[]) => void
  readonly show: (id: string) => void
  readonly clear: () => void
  readonly turns: PictureTurns
}

const Context = createContext<Probes | null>(null)

export function useProbes(): Probes {
  const probes = useContext(Context)
  if (probes === null) throw new Error('probes are read outside of the search')
  return probes
}

/** Around all views, so that a look at a person does not lose the search. */
export function ProbesProvider({ children }: { readonly children: ReactNode }) {
  const [all, setAll] = useState<readonly Probe[]>([])
  const [shownId, setShownId] = useState<string | null>(null)
  const [turns] = useState(() => new PictureTurns())
  useEffect(() => turns.prefer(shownId), [turns, shownId])
  const add = useCallback((files: readonly File[]) => {
    const added = files.map((file) => ({
      id: crypto.randomUUID(),
      file,
      name: file.name,
      url: URL.createObjectURL(file),
    }))
    setAll((before) => [...added, ...before])
    setShownId(added[0]?.id ?? null)
  }, [])
  const clear = useCallback(() => {
    setAll((before) => {
      for (const { url } of before) URL.revokeObjectURL(url)
      return []
    })
    setShownId(null)
  }, [])
  const value = useMemo(
    () => ({ all, shown: all.find(({ id }) => id === shownId) ?? null, add, show: setShownId, clear, turns }),
    [all, shownId, add, clear, turns],
  )
  return <Context value={value}>{children}</Context>
}
