import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/**
 * True for an address that belongs to the open internet. Everything else is refused: ipaddr.js names loopback, private,
 * link local, carrier-grade NAT, multicast, benchmark, documentation and reserved ranges, and the ones that carry an
 * IPv4 address inside an IPv6 one (mapped, NAT64, 6to4, Teredo), which would lead back to any of these.
 */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return isPublicIPv4(address)
    case 6:
      return isPublicIPv6(address)
    default:
      return false
  }
}

/** Azure's platform endpoint answers every virtual machine there, from a range that is public by the registries. */
const PLATFORM_ADDRESSES = new Set(['168.63.129.16'])

/** The only IPv6 block from which global unicast addresses are given out (IANA); leaves out IPv4-compatible ones. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3')

function isPublicIPv4(address: string): boolean {
  return ipaddr.IPv4.parse(address).range() === 'unicast' && !PLATFORM_ADDRESSES.has(address)
}

function isPublicIPv6(address: string): boolean {
  // A zone ("fe80::1%eth0") has a meaning on this machine only.
  if (address.includes('%')) return false
  const parsed = ipaddr.IPv6.parse(address)
  return parsed.match(GLOBAL_UNICAST) && parsed.range() === 'unicast'
}
