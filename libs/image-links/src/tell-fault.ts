/** Says once what an operator may have to mend; the link's owner is told only that it did not work. */
export type TellFault = (scheme: 's3' | 'gs', code: string) => void

/** Codes are the services' own words; anything longer or odder might carry a key or an address. */
const CODE = /^[A-Za-z0-9_.-]{1,64}$/
/** Different messages in a process's life: a server that invents new words each time must not fill the log. */
const MAX_MESSAGES = 50

/** Each scheme and code is said only once: whoever sends links decides how often it happens. */
export function createTellFault(onFault: (message: string) => void): TellFault {
  const said = new Set<string>()
  return (scheme, code) => {
    const message = `${scheme} links fail: ${CODE.test(code) ? code : 'unknown'}`
    if (said.has(message) || said.size >= MAX_MESSAGES) return
    said.add(message)
    onFault(message)
  }
}
