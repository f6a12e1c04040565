/** Hosts that the operator vouches for: their addresses are not checked. */
export interface AllowList {
  has(host: string, port: number): boolean
}

/** Ports of http and https: the only ones open to a link whose host:port is not listed. */
export const WEB_PORTS: readonly number[] = [80, 443]

/**
 * `host` opens ports 80 and 443 of it, `host:port` just that port; IPv6 literals in brackets. Names are compared as
 * written in the link, never by what they resolve to. Throws a TypeError that names an entry it cannot read.
 */
export function readAllowList(entries: readonly string[]): AllowList {
  const places = new Set<string>()
  for (const entry of entries) {
    const { host, ports } = readEntry(entry)
    for (const port of ports) places.add(`${host}|${port}`)
  }
  return { has: (host, port) => places.has(`${host}|${port}`) }
}

/** The host of a URL, without the brackets of an IPv6 literal and without the root's trailing dot. */
export function plainHost(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '')
}

const ENTRY = /^(\[[\da-fA-F:.]+\]|[^\s:/?#@[\]\\]+)(?::(\d{1,5}))?$/

function readEntry(entry: string): { host: string; ports: readonly number[] } {
  const [, host, port] = ENTRY.exec(entry.trim()) ?? []
  // The URL parser brings an entry to the form in which links carry their hosts (case, punycode, numeric addresses).
  const url = host === undefined ? null : URL.parse(`http://${host}/`)
  if (url === null || Number(port ?? 80) > 65_535) {
    throw new TypeError(`allowed host ${JSON.stringify(entry)} is neither "host" nor "host:port"`)
  }
  return { host: plainHost(url), ports: port === undefined ? WEB_PORTS : [Number(port)] }
}
