import { SemblanceProblem } from '@semblance/client'

/** Of proxies that do not reach the server. A 503 of the server itself names what is busy. */
const GATEWAY_STATUS = [502, 504]

/** Whether no answer of the server came: none at all, none in time, or that of a proxy which found nobody behind it. */
export function isUnreachable(error: unknown): boolean {
  if (error instanceof SemblanceProblem)
    return GATEWAY_STATUS.includes(error.status) || (error.status === 503 && error.type === 'unknown')
  // `fetch` rejects with a TypeError where there is no connection.
  return error instanceof TypeError || (error instanceof DOMException && error.name === 'TimeoutError')
}
