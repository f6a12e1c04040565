import type { RequestHandler } from 'express'

const ABSOLUTE_FORM = /^https?:\/\/([^/?#]*)(.*)$/i

/**
 * `GET http://host/api/groups` is `GET /api/groups`: a server must take what is meant for a proxy, too, and go by the host
 * in it instead of the Host header (RFC 9112, section 3.2.2). Comes before anything that looks at either.
 */
export const originForm: RequestHandler = (req, _res, next) => {
  const [, authority, rest = ''] = ABSOLUTE_FORM.exec(req.url) ?? []
  if (authority !== undefined) {
    req.headers.host = authority.slice(authority.lastIndexOf('@') + 1)
    req.url = rest.startsWith('/') ? rest : `/${rest}`
  }
  next()
}
