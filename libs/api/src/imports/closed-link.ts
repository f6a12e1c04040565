/** The settings that open links, by the scheme of what they open. */
const SETTINGS: Readonly<Record<string, string>> = {
  'http:': 'SEMBLANCE_LINK_HOSTS',
  'https:': 'SEMBLANCE_LINK_HOSTS',
  'file:': 'SEMBLANCE_LINK_ROOTS',
  's3:': 'SEMBLANCE_LINK_S3_BUCKETS',
  'gs:': 'SEMBLANCE_LINK_GS_BUCKETS',
}

/** What whoever runs the server may do about a link that is refused as long as nobody opens it. */
export function settingThatOpens(url: string): string {
  const setting = SETTINGS[/^[a-z0-9]+:/i.exec(url)?.[0].toLowerCase() ?? '']
  return setting === undefined ? '' : `; ${setting} of the server opens it`
}
