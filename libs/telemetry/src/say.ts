/** Tells people something, beside the log on standard output. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`)
}
