import type { RequestHandler } from 'express'

/** `//api//groups/` is `/api/groups`: clients join their base URL and the path with a slash of each. */
export const tidyPath: RequestHandler = (req, _res, next) => {
  const at = req.url.indexOf('?')
  const path = at < 0 ? req.url : req.url.slice(0, at)
  const tidy = path.replace(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '')
  if (tidy !== path) req.url = tidy + (at < 0 ? '' : req.url.slice(at))
  next()
}
