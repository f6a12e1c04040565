import { rmSync } from 'node:fs'

const paths = new Set<string>()
let isListening = false

/**
 * Has a temporary file or folder removed at the end of the process, however that is brought about but by SIGKILL: a second
 * signal to stop ends a command at once. Answers what is to be called when it has gone, or has become what it was to become.
 */
export function goneAtExit(path: string): () => void {
  if (!isListening) process.on('exit', removeAll)
  isListening = true
  paths.add(path)
  return () => paths.delete(path)
}

function removeAll(): void {
  for (const path of paths) {
    try {
      rmSync(path, { recursive: true, force: true })
    } catch {
      // Nobody is there to be told.
    }
  }
}
