/** Pages count from 1; lists go by decreasing id, newest first. */
export interface PageRequest {
  readonly page: number
  readonly size: number
  /** The `nextCursor` of a page: the list then begins after that page's last item, which may be gone by now. */
  readonly cursor?: string
}

export interface Page<T> {
  readonly items: readonly T[]
  readonly page: number
  /** 0 for an empty list. With a cursor, of what comes after it. */
  readonly totalPages: number
  /** Id of the last item if more come after it; else null. Nothing is skipped, whatever is deleted meanwhile. */
  readonly nextCursor: string | null
}

export function pageOf<T extends { readonly id: string }>(
  items: readonly T[],
  total: number,
  request: PageRequest,
): Page<T> {
  const totalPages = Math.ceil(total / request.size)
  const nextCursor = request.page < totalPages ? (items.at(-1)?.id ?? null) : null
  return { items, page: request.page, totalPages, nextCursor }
}
