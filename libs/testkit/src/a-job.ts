import type { Lane } from '@semblance/core'

const PATIENT = { deadlineMs: 20_000 }

/** For a handler of this name; its caller is patient. */
export function aJob(name: string, lane: Lane = 'search') {
  return { name, lane, payload: null, ...PATIENT }
}
