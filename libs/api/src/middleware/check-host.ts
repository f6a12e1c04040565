import type { RequestHandler } from 'express'
import type { ApiConfig } from '../api-deps.ts'
import { refuse } from '../endpoint/reply.ts'
import { sendReply } from '../endpoint/send-reply.ts'

/**
 * On loopback, lets only this machine's own names through: a web page that points a name of its own at 127.0.0.1
 * (DNS rebinding) would otherwise read the gallery as if it were ours.
 */
export function checkHost(config: ApiConfig): RequestHandler {
  const isChecked = config.isLoopback && config.corsOrigins.length === 0
  const publicHost = config.publicUrl === null ? null : new URL(config.publicUrl).hostname
  return (req, res, next) => {
    const host = hostnameOf(req.headers.host ?? '')
    if (!isChecked || host === '' || isLoopbackName(host) || host === publicHost) return next()
    sendReply(res, refuse('HostNotAllowed', 'this server answers to localhost only'))
  }
}

function hostnameOf(host: string): string {
  return host.replace(/:\d*$/, '').toLowerCase()
}

function isLoopbackName(name: string): boolean {
  return (
    name === 'localhost' ||
    name.endsWith('.localhost') ||
    name === '[::1]' ||
    /^127(\.\d{1,3}){3}$/.test(name)
  )
}
