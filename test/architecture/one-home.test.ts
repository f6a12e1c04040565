import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { THUMBNAIL_MAKER } from '@semblance/jobs'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const filesOf = (pattern: string) =>
  globSync(pattern, { cwd: root, exclude: ['**/node_modules/**', '**/dist/**'] }).map((file) => ({
    file,
    text: readFileSync(join(root, file), 'utf8'),
  }))

/** What the house style asks for; a server's app that grows beyond it does what a lib should. */
const MAX_LINES = 200

it('no file that composes a server is longer than 200 lines', () => {
  const files = filesOf('apps/{gateway,standalone,worker}/src/**/*.ts')
  expect(files.length).toBeGreaterThan(15)
  expect(files.filter(({ text }) => text.split('\n').length > MAX_LINES + 1).map(({ file }) => file)).toEqual(
    [],
  )
})

it('reference photos are looked for in one file', () => {
  const lookup = /process\.env\.SEMBLANCE_SHARED\b/
  const files = filesOf('{apps,libs,test}/**/*.ts').filter(({ text }) => lookup.test(text))
  expect(files.map(({ file }) => file)).toEqual([join('libs', 'testkit', 'src', 'shared-data.ts')])
})

it('the ETag of small pictures names the encoder that the engine has', () => {
  const [engine] = filesOf('libs/engine/package.json')
  const { dependencies } = JSON.parse(engine?.text ?? '') as {
    readonly dependencies: Readonly<Record<string, string>>
  }
  expect(THUMBNAIL_MAKER).toBe(`sharp-${dependencies.sharp}`)
})
