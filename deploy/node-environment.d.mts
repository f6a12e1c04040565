/** See node-environment.mjs. */
export const SPARING_MALLOC: Readonly<Record<string, string>>
