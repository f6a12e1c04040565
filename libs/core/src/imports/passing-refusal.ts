import type { LinkRefusal } from '../ports/image-links.ts'

const PASSING: readonly LinkRefusal[] = ['unreachable', 'timeout', 'incomplete']

/** Whether the same link may well give its bytes another time. */
export function isPassingRefusal(reason: LinkRefusal): boolean {
  return PASSING.includes(reason)
}
