import { readdirSync, readFileSync } from 'node:fs'

/** This process and all that it has started, with their command lines. Linux only. */
export function ownProcesses(): readonly { readonly pid: number; readonly command: string }[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), parent: parentOf(name) }))
  const found = new Set([process.pid])
  for (let before = 0; before !== found.size; ) {
    before = found.size
    for (const { pid, parent } of parents) if (found.has(parent)) found.add(pid)
  }
  return [...found].map((pid) => ({ pid, command: textOf(`/proc/${pid}/cmdline`) }))
}

/** 0 if the process has ended meanwhile. */
function parentOf(pid: string): number {
  const text = textOf(`/proc/${pid}/stat`)
  // The second field is a name in brackets, which may hold spaces.
  return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1] ?? 0)
}

/** Empty if the process has ended meanwhile. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
