import { lookup, Resolver } from 'node:dns/promises'

/** Addresses of a host name, in the order to try them. Empty: there is no such host. Rejects if nobody can tell now. */
export type LookupHost = (
  host: string,
  waiting: { readonly signal: AbortSignal },
) => Promise<readonly string[]>

/**
 * The limit of one question to one server: a dead name server must leave time for the next one within the link's own
 * deadline.
 */
const QUESTION_TIMEOUT_MS = 1_500

/**
 * Asks the name servers themselves. The system's own look-up holds one of the four threads that files and pictures need,
 * too, for as long as a stranger's name server likes to be slow. `servers` as in `dns.setServers`; the system's by default.
 */
export function dnsLookup(servers?: readonly string[]): LookupHost {
  return async (host, { signal }) => {
    const resolver = new Resolver({ timeout: QUESTION_TIMEOUT_MS, tries: 2 })
    if (servers !== undefined) resolver.setServers(servers)
    const cancel = () => resolver.cancel()
    signal.addEventListener('abort', cancel, { once: true })
    try {
      const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)])
      const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
      const fault = answers.find((answer) => answer.status === 'rejected' && !isNoSuchHost(answer.reason))
      if (found.length === 0 && fault?.status === 'rejected') throw fault.reason
      return found
    } finally {
      signal.removeEventListener('abort', cancel)
    }
  }
}

/** Knows the hosts file and search domains, where the names of an operator's own hosts often live. */
export const lookupBySystem: LookupHost = async (host) => {
  try {
    const found = await lookup(host, { all: true, order: 'ipv4first' })
    return found.map(({ address }) => address)
  } catch (fault) {
    if (isNoSuchHost(fault)) return []
    throw fault
  }
}

/** No such name, or no address of this kind. A name server that is away or overloaded (EAI_AGAIN, ESERVFAIL) says neither. */
function isNoSuchHost(fault: unknown): boolean {
  return fault instanceof Error && 'code' in fault && (fault.code === 'ENOTFOUND' || fault.code === 'ENODATA')
}
