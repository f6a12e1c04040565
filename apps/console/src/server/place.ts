/** The path below which a proxy shows the server, without a slash at its end; mostly empty. */
export const prefix = (
  document.querySelector<HTMLMetaElement>('meta[name="semblance-prefix"]')?.content ?? ''
).replace(/\/+$/, '')

/** The whole address of a path of the server. */
export function addressOf(path: string): string {
  return `${window.location.origin}${prefix}${path}`
}
