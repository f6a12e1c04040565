/** Part of a list and how long the whole list is. */
export interface Counted<T> {
  readonly items: readonly T[]
  readonly total: number
}

/** Stands where no cursor is given: ids are hexadecimal. */
export const ABOVE_ALL = 'g'
