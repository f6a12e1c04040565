/** Links to files of the folder in which the file of this link lies. */
export function besideLink(link: string): (path: string) => string {
  // Nothing in the key of an object is percent-encoded.
  if (/^(s3|gs):/i.test(link)) {
    const folder = link.slice(0, link.lastIndexOf('/') + 1)
    return (path) => `${folder}${path}`
  }
  return (path) => new URL(path.split('/').map(encodeURIComponent).join('/'), link).href
}

/** What the file of a link is called: its ending tells its kind where nothing else does. */
export function fileNameOf(link: string): string {
  const path = /^(s3|gs):/i.test(link) ? link : (URL.parse(link)?.pathname ?? '')
  return path.slice(path.lastIndexOf('/') + 1)
}
