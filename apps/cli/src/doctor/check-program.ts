import { requireOpenFiles } from '@semblance/telemetry'
import { type Finding, fine, note, reasonOf, wrong } from './finding.ts'

/** `AsyncDisposableStack` is there from this version on. */
const OLDEST_NODE = 24

/** Node, the packages with native parts, and what the system allows. */
export async function checkProgram(threads: number): Promise<readonly Finding[]> {
  return [checkNode(), ...(await checkPackages()), checkOpenFiles(threads)]
}

function checkNode(): Finding {
  const { version } = process
  if (Number(process.versions.node.split('.')[0]) >= OLDEST_NODE) return fine('node', version)
  return wrong('node', `this is ${version}`, `install Node ${OLDEST_NODE} or newer`)
}

/** Each brings a binary for this system, which fails when it is loaded. */
async function checkPackages(): Promise<readonly Finding[]> {
  const packages = [
    ['store of standalone', () => import('@semblance/store-local')],
    ['engine', () => import('@semblance/engine')],
  ] as const
  return Promise.all(
    packages.map(async ([name, load]) => {
      try {
        await load()
        return fine('packages', `the ${name} can be loaded`)
      } catch (fault) {
        const what = `the ${name} cannot be loaded: ${reasonOf(fault)}`
        return wrong('packages', what, 'install the packages again on this very system (npm ci)')
      }
    }),
  )
}

function checkOpenFiles(threads: number): Finding {
  try {
    requireOpenFiles(threads)
    return fine('open files', 'this process may open enough of them')
  } catch (fault) {
    const [what = '', advice = ''] = reasonOf(fault).split('; ')
    return note('open files', what, advice)
  }
}
