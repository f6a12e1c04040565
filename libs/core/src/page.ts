/** Pages count from 1; lists go by decreasing id, newest first. */
export interface PageRequest {
  readonly page: number
  readonly size: number
}

export interface Page<T> {
  readonly items: readonly T[]
  readonly page: number
  /** 0 for an empty list. */
  readonly totalPages: number
}

export function pageOf<T>(items: readonly T[], total: number, request: PageRequest): Page<T> {
  return { items, page: request.page, totalPages: Math.ceil(total / request.size) }
}
