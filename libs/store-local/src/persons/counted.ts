/** Part of a list and how long the whole list is. */
export interface Counted<T> {
  readonly items: readonly T[]
  readonly total: number
}
