/**
 * What a filter asks of a field that has one of these values. Some servers that speak MongoDB's wire have an index for one value, and
 * none for a list.
 */
export function anyOf<T>(values: readonly T[]): T | { readonly $in: T[] } {
  const [only, ...more] = values
  return only !== undefined && more.length === 0 ? only : { $in: [...values] }
}
