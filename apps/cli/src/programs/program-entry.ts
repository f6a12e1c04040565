import { extname, join } from 'node:path'

/** A program of ours beside the command line. */
export type ServerApp = 'standalone' | 'gateway' | 'worker'

/**
 * The file that runs the program: no app imports another. The apps lie side by side in the repository, as sources and
 * built, and in an installed package.
 */
export function programEntry(app: ServerApp): string {
  const extension = extname(import.meta.filename)
  const folder = extension === '.ts' ? 'src' : 'dist'
  return join(import.meta.dirname, '../../..', app, folder, `main${extension}`)
}
