/** As in `1 person` and `2 persons`. `one` is the word for one of them, whose plural ends with s. */
export function amount(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`
}
