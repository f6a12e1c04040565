/**
 * What names are compared by: Unicode's canonical composition (NFC). A letter with an accent can be one character or two,
 * which look alike, and which of them is sent depends on the keyboard and the system. Case and spaces still count.
 */
export function comparedName(name: string): string {
  return name.normalize('NFC')
}
