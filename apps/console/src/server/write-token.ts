let token: string | null = null

/** What the server wants to see with each write of a session. It lives in this page alone, in no storage. */
export const writeToken = {
  read: (): string | null => token,
  keep: (next: string | null): void => {
    token = next
  },
}
