/** A pack is asked for by its id, such as `builtin`, or by id and version, such as `builtin@2`. */
const PACK_NAME = /^(?<id>[a-z0-9]+(?:-[a-z0-9]+)*)(?:@(?<version>[1-9][0-9]{0,8}))?$/

export interface PackRequest {
  readonly id: string
  /** Null: the one version that lies in the folder of that name. */
  readonly version: number | null
  /** Where it may lie in the folder of the packs, first choice first. Versions of one id lie side by side: one in the
   *  folder `id`, the others in `id@version`. */
  readonly folders: readonly string[]
}

/** Null where it is no name of a pack. */
export function parsePackName(name: string): PackRequest | null {
  const { id, version } = PACK_NAME.exec(name)?.groups ?? {}
  if (id === undefined) return null
  return version === undefined
    ? { id, version: null, folders: [id] }
    : { id, version: Number(version), folders: [name, id] }
}
