import { isIP } from 'node:net'
import { hostname } from 'node:os'
import type { RequestHandler } from 'express'
import type { ApiConfig } from '../api-deps.ts'
import { refuse } from '../endpoint/reply.ts'
import { sendReply } from '../endpoint/send-reply.ts'

export type HostRules = Pick<ApiConfig, 'isLoopback' | 'apiKeys' | 'publicUrl' | 'allowedHosts'>

/**
 * A web page that points a name of its own at this server (DNS rebinding) counts for its browser as ours: it could read
 * and write the gallery. So the Host header must name this machine or a host that is configured: always on loopback, where
 * nothing else stands in the way, and elsewhere while no API keys do. What pages may call by CORS changes nothing of it.
 */
export function checkHost(rules: HostRules): RequestHandler {
  return (req, res, next) => {
    const host = req.headers.host ?? ''
    if (!isHost(host)) return sendReply(res, refuse('BadParamsException', 'the host is not valid'))
    if (isHostAllowed(host, rules)) return next()
    const msg =
      'this server does not answer to that name; SEMBLANCE_ALLOWED_HOSTS or SEMBLANCE_PUBLIC_URL may name it'
    sendReply(res, refuse('HostNotAllowed', msg))
  }
}

/** None at all is what old clients send. */
function isHost(host: string): boolean {
  return host === '' || URL.canParse(`http://${host}`)
}

/** @param host as in the header, perhaps with a port */
export function isHostAllowed(host: string, rules: HostRules): boolean {
  const name = hostnameOf(host)
  // Browsers always send one.
  if (name === '' || isLoopbackName(name) || isConfigured(name, rules)) return true
  if (rules.isLoopback) return false
  return rules.apiKeys.length > 0 || isBeyondRebinding(name)
}

function isConfigured(name: string, { publicUrl, allowedHosts }: HostRules): boolean {
  const publicName = publicUrl === null ? null : new URL(publicUrl).hostname
  return name === publicName || allowedHosts.some((allowed) => allowed.toLowerCase() === name)
}

/** An address is no name; a name without a dot, and this machine's own, nobody else on the internet can have. */
function isBeyondRebinding(name: string): boolean {
  return isIP(name.replace(/^\[|\]$/g, '')) !== 0 || !name.includes('.') || name === hostname().toLowerCase()
}

/** A dot at the end says that the name is whole, which changes nothing here. */
function hostnameOf(host: string): string {
  return host.replace(/:\d*$/, '').replace(/\.$/, '').toLowerCase()
}

function isLoopbackName(name: string): boolean {
  return (
    name === 'localhost' ||
    name.endsWith('.localhost') ||
    name === '[::1]' ||
    /^127(\.\d{1,3}){3}$/.test(name)
  )
}
