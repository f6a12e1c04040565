import type { GalleryPorts } from './gallery-ports.ts'
import { bindPersonInImports, type EraseDeps, erasePersonFromImports } from './imports/erase-import.ts'
import type { OperationStore } from './ports/operation-store.ts'

/** Ports by which imports hear of persons who go. */
export function portsToImports(
  deps: EraseDeps,
): Required<Pick<GalleryPorts, 'bindInImports' | 'nowInImports' | 'eraseFromImports'>> {
  return {
    bindInImports: (going, waiting) => bindPersonInImports(deps, going, waiting),
    nowInImports: (waiting) => deps.imports.persons.now(waiting),
    eraseFromImports: (id, waiting) => erasePersonFromImports(deps, id, waiting),
  }
}

/** Ports by which whatever tells of a person beside the gallery itself hears of persons who go or are merged. */
export function portsBeside({
  operations,
  ...importing
}: EraseDeps & { readonly operations: Pick<OperationStore, 'pairs'> }) {
  return {
    ...portsToImports(importing),
    eraseFromOperations: (id, waiting) => operations.pairs.erase(id, waiting),
    handOverPairs: (merged, waiting) => operations.pairs.handOver(merged, waiting),
  } satisfies Partial<GalleryPorts>
}
