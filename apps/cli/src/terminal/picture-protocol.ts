/** How a terminal takes a picture: by the graphics protocol of kitty, or as an inline image of iTerm2. */
export type PictureProtocol = 'kitty' | 'iterm2'

type Environment = Readonly<Record<string, string | undefined>>

/** By TERM, which also comes along in a session of ssh. */
const BY_TERM: Readonly<Record<string, PictureProtocol>> = {
  'xterm-kitty': 'kitty',
  'xterm-ghostty': 'kitty',
  wezterm: 'iterm2',
}
/** By TERM_PROGRAM. VS Code is not among them: its terminal shows pictures only where a setting says so, and tells it nobody. */
const BY_PROGRAM: Readonly<Record<string, PictureProtocol>> = {
  ghostty: 'kitty',
  'iTerm.app': 'iterm2',
  WezTerm: 'iterm2',
  mintty: 'iterm2',
}

/** The terminal on standard output; null if there is none, or none that shows pictures. */
export function terminalPictureProtocol(): PictureProtocol | null {
  // biome-ignore lint/style/noProcessEnv: which terminal it is, and no setting
  return process.stdout.isTTY ? pictureProtocolOf(process.env) : null
}

/**
 * What the terminal of this environment takes, by the names that terminals give themselves. Nobody is asked over the
 * terminal itself: an answer that comes late would be read as if somebody had typed it.
 */
export function pictureProtocolOf(environment: Environment): PictureProtocol | null {
  const { TERM = '', TERM_PROGRAM, LC_TERMINAL, KITTY_WINDOW_ID } = environment
  if (isMultiplexer(environment)) return null
  const byTerm = ownValue(BY_TERM, TERM)
  if (byTerm !== null) return byTerm
  if (TERM === '' || TERM === 'dumb' || TERM === 'linux') return null
  // A terminal that was started from another one has the variables of both, and this one is its own.
  if (TERM_PROGRAM !== undefined && TERM_PROGRAM !== '') return ownValue(BY_PROGRAM, TERM_PROGRAM)
  if (LC_TERMINAL === 'iTerm2') return 'iterm2'
  return KITTY_WINDOW_ID === undefined || KITTY_WINDOW_ID === '' ? null : 'kitty'
}

/** Several terminals within one: it keeps the text of each, and no pictures. */
function isMultiplexer({ TERM = '', TMUX, STY, ZELLIJ }: Environment): boolean {
  return [TMUX, STY, ZELLIJ].some((value) => value !== undefined) || /^(screen|tmux)/.test(TERM)
}

function ownValue(table: Readonly<Record<string, PictureProtocol>>, key: string): PictureProtocol | null {
  return Object.hasOwn(table, key) ? (table[key] ?? null) : null
}
