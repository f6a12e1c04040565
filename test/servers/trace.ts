import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'

/** What a process, its threads and its children asked of the kernel. */
export interface Trace {
  /** `address:port` of everybody it connected or sent to, and paths of local sockets. */
  readonly contacts: readonly string[]
  /** Paths that it made, opened for writing, renamed or linked to. */
  readonly written: readonly string[]
}

const CONTACTS = ['connect', 'sendto', 'sendmsg', 'sendmmsg']
const NAMES = [
  'mkdir',
  'mkdirat',
  'rename',
  'renameat',
  'renameat2',
  'link',
  'linkat',
  'symlink',
  'symlinkat',
]
const OPENS = ['open', 'openat', 'openat2', 'creat']
const END_TIMEOUT_MS = 10_000

/** Null if processes can be traced here, else why not. */
export function whyUntraceable(): string | null {
  const { status, error, stderr } = spawnSync('strace', ['-f', '--seccomp-bpf', '-e', 'trace=none', 'true'])
  if (error !== undefined) return `no strace on PATH (${error.message})`
  return status === 0 ? null : `strace cannot trace here: ${String(stderr).trim()}`
}

/** The command that runs another one and writes what it asks of the kernel to `log`; signals reach the other one. */
export function tracedTo(log: string): readonly string[] {
  const calls = [...CONTACTS, ...NAMES, ...OPENS].map((call) => `?${call}`).join(',')
  // -D: the tracer is no parent of the traced; -y: file descriptors with their paths; -s 0: nothing of what is sent.
  const options = ['-D', '-f', '-q', '-y', '-s', '0', '--seccomp-bpf', '-o', log]
  return ['strace', ...options, '-e', `trace=${calls}`]
}

/** Once the process with this id has ended. */
export async function readTrace(log: string, pid: number): Promise<Trace> {
  const end = new RegExp(`^${pid} +\\+\\+\\+ exited`, 'm')
  const deadline = Date.now() + END_TIMEOUT_MS
  let text = await readFile(log, 'utf8')
  while (!end.test(text)) {
    if (Date.now() > deadline) throw new Error('the trace does not end')
    await pause(50)
    text = await readFile(log, 'utf8')
  }
  const lines = text.split('\n')
  return { contacts: lines.flatMap(contactsOf), written: lines.flatMap(writtenBy) }
}

function callOf(line: string): string {
  return /^\d+ +(\w+)\(/.exec(line)?.[1] ?? ''
}

function contactsOf(line: string): readonly string[] {
  if (!CONTACTS.includes(callOf(line))) return []
  const internet = line.matchAll(
    /sin6?_port=htons\((\d+)\)[^}]*?(?:inet_addr\(|inet_pton\(AF_INET6, )"([^"]+)"/g,
  )
  const local = line.matchAll(/sa_family=AF_UNIX, sun_path=@?"([^"]+)"/g)
  return [...[...internet].map(([, port, address]) => `${address}:${port}`), ...[...local].map((m) => m[1]!)]
}

/** Paths are absolute, or relative to the folder that `-y` shows beside the descriptor. */
function writtenBy(line: string): readonly string[] {
  const call = callOf(line)
  if (OPENS.includes(call) && !/O_WRONLY|O_RDWR|O_CREAT|O_TRUNC/.test(line) && call !== 'creat') return []
  if (!OPENS.includes(call) && !NAMES.includes(call)) return []
  if (/ = -1 E/.test(line)) return []
  const folder = /^\d+ +\w+\([^,]*?<([^>]*)>/.exec(line)?.[1] ?? process.cwd()
  const paths = [...line.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, path]) => path!)
  return paths.map((path) => (path.startsWith('/') ? path : `${folder}/${path}`))
}
