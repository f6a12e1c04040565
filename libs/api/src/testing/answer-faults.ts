import type { Answered } from './open-test-api.ts'
import { SECRET } from './wrong-values.ts'

export type Judge = (answer: Answered) => boolean

/** Words that only zod, Node or a stack trace would say, or that say nothing. */
const INTERNALS =
  /of another kind|Invalid|Too (big|small)|expected|received|Zod|undefined|\[object|\bNaN\b|RegExp|\.[jt]s\b|node:|\n/
/** What or who it is about, then a word that makes it a sentence, then more of it. */
const SENTENCE = /^\S.*? (must|needs|is|are|has|may|can|cannot|leads|names|could|was|shows) \S.*[^.\s]$/

/** Collects what is wrong with answers, so that one run shows all of it. */
export class AnswerFaults {
  readonly found: string[] = []

  /** @param isAsWanted what this answer must be, beyond what every answer must */
  note(answer: Answered, sent: string, isAsWanted: Judge): void {
    const faults = [...faultsOf(answer), ...(isAsWanted(answer) ? [] : ['it does not name the field'])]
    const { status, text } = answer
    if (faults.length > 0)
      this.found.push(`${sent.slice(0, 99)}: ${faults.join(', ')}: ${status} ${text.slice(0, 300)}`)
  }
}

function faultsOf(answer: Answered): readonly string[] {
  const { status, text, json } = answer
  if (status >= 500) return ['it is a fault of ours']
  if (!isRefused(answer)) return []
  const msg = messageOf(answer)
  const isProblem =
    json?.statusCode === status && /^\w+$/.test(json.type) && typeof json.metadata === 'object'
  return [
    ...(text.includes(SECRET) ? ['it repeats the value'] : []),
    ...faultsOfText(msg),
    ...(status < 400 || isProblem ? [] : ['it is no problem as described']),
  ]
}

/** What of a text is not for people. */
export function faultsOfText(text: string): readonly string[] {
  return [
    ...(INTERNALS.test(text) ? ['it tells internals'] : []),
    ...(SENTENCE.test(text) ? [] : ['it is no plain sentence']),
  ]
}

/**
 * By contract, detection and match answer what is wrong with 200, with a code and a message. A match that tells of each
 * picture was made.
 */
export function isRefused({ status, json }: Answered): boolean {
  const isSilent = json?.msg === undefined || json.detections?.length > 0
  return status >= 400 || (typeof json?.code === 'number' && json.code !== 0 && !isSilent)
}

export function isAboutTheBody(answer: Answered): boolean {
  return isRefused(answer) && messageOf(answer).startsWith('the body ')
}

/** If it is refused, then for the field itself, for what holds it or for what is inside it. */
export function namesIfRefused(path: readonly string[]): Judge {
  const outwards = path.map((_step, at) => path.slice(0, at + 1).join('.'))
  return (answer) => !isRefused(answer) || outwards.some((name) => messageOf(answer).includes(name))
}

/** It is refused for the field itself or for what is inside it. */
export function isRefusedFor(path: readonly string[]): Judge {
  const name = path.join('.')
  const isIts = (problem: string) => problem.startsWith(`${name} `) || problem.startsWith(`${name}.`)
  return (answer) => isRefused(answer) && messageOf(answer).split('; ').some(isIts)
}

function messageOf({ json }: Answered): string {
  return json?.msg ?? ''
}
