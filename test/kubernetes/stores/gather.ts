// `node --conditions=@semblance/source test/kubernetes/stores/gather.ts FOLDER` makes the context of an image with the test
// servers of this machine: redis-server, qdrant and MongoDB's stand-in, with the libraries that they need.
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { rootCertificates } from 'node:tls'
import { buildMongoStandIn, findOnPath } from '@semblance/dev-servers'

/** Parts of glibc, which the base image has. */
const OF_THE_BASE = /\/(ld-linux[^/]*|lib(c|m|dl|rt|pthread|resolv|util))\.so/

const [folder] = process.argv.slice(2)
if (folder === undefined) throw new Error('usage: gather.ts FOLDER')
const standIn = await buildMongoStandIn()
if (typeof standIn !== 'string') throw new Error(standIn.missing)
const programs = [programOf('redis-server'), programOf('qdrant'), standIn]
for (const part of ['bin', 'lib']) mkdirSync(join(folder, part), { recursive: true })
for (const program of programs) {
  copyFileSync(program, join(folder, 'bin', basename(program)))
  for (const library of librariesOf(program)) copyFileSync(library, join(folder, 'lib', basename(library)))
}
// Qdrant does not start without any, although it calls nobody.
writeFileSync(join(folder, 'lib/authorities.crt'), `${rootCertificates.join('\n')}\n`)
copyFileSync(join(import.meta.dirname, 'Dockerfile'), join(folder, 'Dockerfile'))
console.log(`${programs.map((program) => basename(program)).join(', ')} are in ${folder}`)

function programOf(name: string): string {
  const program = findOnPath(name)
  if (program === null) throw new Error(`no ${name} on PATH`)
  return program
}

/** `ldd` fails for a program that needs none. */
function librariesOf(program: string): readonly string[] {
  let listed = ''
  try {
    listed = execFileSync('ldd', [program], { encoding: 'utf8', stdio: 'pipe' })
  } catch {
    return []
  }
  return [...listed.matchAll(/=> (\/\S+)/g)]
    .map(([, path = '']) => path)
    .filter((path) => !OF_THE_BASE.test(path))
}
