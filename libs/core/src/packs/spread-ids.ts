import { isUuid } from '../ids.ts'

/**
 * `count` UUIDs at even distances from the first to the last one, both included: places at which to look for a sample of
 * records, without a list of all of them. None if one of the two is no UUID.
 */
export function spreadIds(first: string, last: string, count: number): readonly string[] {
  if (!isUuid(first) || !isUuid(last)) return []
  const [from, to] = [numberOf(first), numberOf(last)]
  const steps = BigInt(Math.max(1, count - 1))
  return Array.from({ length: count }, (_, i) => idOf(from + ((to - from) * BigInt(i)) / steps))
}

function numberOf(id: string): bigint {
  return BigInt(`0x${id.replaceAll('-', '')}`)
}

function idOf(number: bigint): string {
  const hex = number.toString(16).padStart(32, '0')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
