import { expect, it } from 'vitest'
import { pictureProtocolOf } from './picture-protocol.ts'

const XTERM = { TERM: 'xterm-256color' }

it.each([
  ['kitty', { TERM: 'xterm-kitty' }, 'kitty'],
  ['kitty under another TERM', { ...XTERM, KITTY_WINDOW_ID: '1' }, 'kitty'],
  ['ghostty', { TERM: 'xterm-ghostty', TERM_PROGRAM: 'ghostty' }, 'kitty'],
  ['ghostty under another TERM', { ...XTERM, TERM_PROGRAM: 'ghostty' }, 'kitty'],
  ['WezTerm', { ...XTERM, TERM_PROGRAM: 'WezTerm' }, 'iterm2'],
  ['WezTerm behind ssh, by its own TERM', { TERM: 'wezterm' }, 'iterm2'],
  ['iTerm2', { ...XTERM, TERM_PROGRAM: 'iTerm.app', LC_TERMINAL: 'iTerm2' }, 'iterm2'],
  ['iTerm2 behind ssh', { ...XTERM, LC_TERMINAL: 'iTerm2' }, 'iterm2'],
  ['mintty', { TERM: 'xterm', TERM_PROGRAM: 'mintty' }, 'iterm2'],
  ['a plain xterm', XTERM, null],
  ['VS Code, started from kitty', { ...XTERM, TERM_PROGRAM: 'vscode', KITTY_WINDOW_ID: '1' }, null],
  ['the terminal of macOS', { ...XTERM, TERM_PROGRAM: 'Apple_Terminal' }, null],
  ['tmux in kitty', { TERM: 'tmux-256color', TMUX: '/tmp/1,2,3', KITTY_WINDOW_ID: '1' }, null],
  ['tmux behind ssh', { TERM: 'screen-256color', LC_TERMINAL: 'iTerm2' }, null],
  ['screen in kitty', { TERM: 'xterm-kitty', STY: '1.pts' }, null],
  ['zellij in ghostty', { TERM: 'xterm-ghostty', ZELLIJ: '0' }, null],
  ['a dumb terminal', { TERM: 'dumb', TERM_PROGRAM: 'iTerm.app' }, null],
  ['the console of Linux', { TERM: 'linux', KITTY_WINDOW_ID: '1' }, null],
  ['no terminal at all', {}, null],
  ['a name that every object has', { TERM: 'constructor', TERM_PROGRAM: 'constructor' }, null],
] as const)('%s', (_name, environment, expected) => {
  expect(pictureProtocolOf(environment)).toBe(expected)
})
