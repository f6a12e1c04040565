import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { startStandaloneServer } from '../servers/standalone-server.ts'
import { type Description, typesOfDescription } from './types-of-description.ts'

const root = join(import.meta.dirname, '../..')

/** Where the types lie, from the root of the repository. */
export const TYPES_FILE = 'libs/client/src/description.ts'

/** The types of what a server describes that runs these sources, formatted as the repository's other files are. */
export async function describeApi(): Promise<string> {
  const server = await startStandaloneServer()
  try {
    const answer = await fetch(`${server.url}/openapi.json`)
    return formatted(typesOfDescription((await answer.json()) as Description))
  } finally {
    await server.stop()
  }
}

function formatted(text: string): string {
  const biome = join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome')
  const made = spawnSync(process.execPath, [biome, 'format', `--stdin-file-path=${TYPES_FILE}`], {
    cwd: root,
    input: text,
    encoding: 'utf8',
  })
  if (made.status !== 0) throw new Error(`the formatter refused the types: ${made.stderr}`)
  return made.stdout
}
