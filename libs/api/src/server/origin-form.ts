import type { RequestListener } from 'node:http'

const ABSOLUTE_FORM = /^https?:\/\/([^/?#]*)(.*)$/i
/** What `OPTIONS *` asks about. */
const SERVER_AS_A_WHOLE = '*'

/**
 * `GET http://host/api/groups` is `GET /api/groups`: a server must take what is meant for a proxy, too, and go by the host
 * in it instead of the Host header (RFC 9112, section 3.2.2). Comes before Express, which answers what it cannot
 * parse by itself.
 */
export function inOriginForm(answer: RequestListener): RequestListener {
  return (req, res) => {
    const [, authority, rest = ''] = ABSOLUTE_FORM.exec(req.url ?? '') ?? []
    if (authority !== undefined) {
      req.headers.host = authority.slice(authority.lastIndexOf('@') + 1)
      req.url = asPath(rest)
    } else if (req.url !== SERVER_AS_A_WHOLE) req.url = asPath(req.url ?? '')
    answer(req, res)
  }
}

/** A URL of another scheme comes here, too: there is no such route. */
function asPath(target: string): string {
  return target.startsWith('/') ? target : `/${target}`
}
