/** There is no program of a server on this machine. */
export interface MissingServer {
  /** Why: which programs were looked for. */
  readonly missing: string
}
