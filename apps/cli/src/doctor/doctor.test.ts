import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '@semblance/config'
import type { PackId } from '@semblance/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { standaloneDoctorSchema } from '../cluster-config.ts'
import { checkDataFolder } from './check-data-folder.ts'
import { checkPack } from './check-pack.ts'
import { checkPort, checkReady, clockFinding } from './check-server.ts'
import { checkTemporaryFolder } from './check-temporary-folder.ts'
import type { Finding } from './finding.ts'
import { judgeSettings } from './judge-settings.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'semblance doctor '))
})
afterEach(() => rm(folder, { recursive: true }))

const wrongs = (findings: readonly Finding[]) => findings.filter(({ state }) => state === 'wrong')
const states = (findings: readonly Finding[]) => findings.map(({ part, state }) => `${part} ${state}`)

describe('semblance doctor', () => {
  it('tells every setting that is wrong, and every variable that nothing reads, each with what to do', () => {
    const env = { SEMBLANCE_PORT: '6x', SEMBLANCE_THREADS: '0', SEMBLANCE_TRESHOLD: '1' }
    const { settings, findings } = judgeSettings((warn) => readConfig(standaloneDoctorSchema, env, { warn }))
    expect(settings).toBeNull()
    expect(wrongs(findings)).toHaveLength(3)
    expect(findings.map(({ what, advice }) => `${what} ${advice}`)).toEqual([
      expect.stringMatching(/SEMBLANCE_PORT: got "6x" wanted: a port/),
      expect.stringMatching(/SEMBLANCE_THREADS: got "0" wanted/),
      expect.stringMatching(/SEMBLANCE_TRESHOLD.*did you mean SEMBLANCE_THRESHOLD/),
    ])
  })

  it('looks at a data folder: rights, room, a database that is none of ours', async () => {
    const settings = { SEMBLANCE_DATA: folder, SEMBLANCE_DISK_RESERVE: 1 }
    const fresh = await checkDataFolder(settings)
    expect(states(fresh)).toEqual(['data folder fine', 'lock fine', 'disk fine', 'database note'])
    await chmod(folder, 0o755)
    await writeFile(join(folder, 'semblance.sqlite'), 'no database at all, but long enough to be looked at')
    const strange = await checkDataFolder({ ...settings, SEMBLANCE_DISK_RESERVE: Number.MAX_SAFE_INTEGER })
    expect(states(strange)).toEqual(['data folder note', 'lock fine', 'disk wrong', 'database wrong'])
    expect(strange.every(({ state, advice }) => state === 'fine' || advice !== '')).toBe(true)
    const missing = await checkDataFolder({ ...settings, SEMBLANCE_DATA: join(folder, 'none') })
    expect(states(missing)).toEqual(['data folder note'])
  })

  it('looks at the folder for temporary files: whether one can be made, and room for a zip', async () => {
    const settings = { SEMBLANCE_IMPORT_STAGED_BYTES: 1_000_000 }
    expect(await checkTemporaryFolder(settings, folder)).toMatchObject({ state: 'fine', advice: '' })
    expect(await readdir(folder)).toEqual([])
    const large = { SEMBLANCE_IMPORT_STAGED_BYTES: Number.MAX_SAFE_INTEGER }
    expect(await checkTemporaryFolder(large, folder)).toMatchObject({
      state: 'note',
      what: expect.stringMatching(/ MB are free, and a zip of an import may have \d+ MB$/),
      advice: expect.stringContaining('TMPDIR'),
    })
    expect(await checkTemporaryFolder(settings, join(folder, 'none'))).toMatchObject({
      state: 'wrong',
      what: expect.stringContaining('ENOENT'),
      advice: expect.stringContaining('TMPDIR'),
    })
  })

  it('tells networks that are not compiled from a pack that is not there', async () => {
    const { signal } = new AbortController()
    const SEMBLANCE_PACKS = join(import.meta.dirname, '../../../../models')
    const settings = { SEMBLANCE_PACKS, SEMBLANCE_PACK: 'builtin@2', SEMBLANCE_MODELS: folder }
    expect(states(await checkPack(settings, null, signal))).toEqual(['model pack note'])
    const unknown = await checkPack({ ...settings, SEMBLANCE_PACK: 'other' }, null, signal)
    expect(states(unknown)).toEqual(['model pack wrong'])
  })

  it('looks at the pack that the gallery goes by, and tells how it comes to the one of the settings', async () => {
    const { signal } = new AbortController()
    const SEMBLANCE_PACKS = join(import.meta.dirname, '../../../../models')
    const settings = { SEMBLANCE_PACKS, SEMBLANCE_PACK: 'builtin@2', SEMBLANCE_MODELS: folder }
    const [files, apart] = await checkPack(settings, 'builtin@1' as PackId, signal)
    expect(files).toMatchObject({ state: 'note', what: expect.stringMatching(/^builtin@1: 5 of 5 networks/) })
    expect(apart).toMatchObject({
      state: 'note',
      what: expect.stringContaining('the gallery is of builtin@1'),
      advice: expect.stringMatching(/redescribe --pack builtin@2.*SEMBLANCE_PACK=builtin@1/),
    })
    expect(await checkPack(settings, 'builtin@2' as PackId, signal)).toHaveLength(1)
  })

  it('tells a port that another program has, and a server that is not ready', async () => {
    const server = createServer((request, response) => {
      response.setHeader('x-semblance-missing', 'sqlite')
      response.writeHead(request.url === '/api/readyz' ? 400 : 404).end()
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    const at = { host: '127.0.0.1', port, variable: 'SEMBLANCE_PORT', healthPath: '/api/healthz' }
    expect((await checkPort(at)).state).toBe('wrong')
    const ready = await checkReady(`http://127.0.0.1:${port}`, true)
    expect(ready[0]).toMatchObject({
      state: 'wrong',
      what: expect.stringContaining('misses sqlite'),
      // The server is told of last.
      advice: expect.not.stringContaining('below'),
    })
    await new Promise((resolve) => server.close(resolve))
    expect((await checkPort(at)).state).toBe('fine')
    expect((await checkReady(`http://127.0.0.1:${port}`, true))[0]?.state).toBe('wrong')
    expect((await checkReady(`http://127.0.0.1:${port}`, false))[0]?.state).toBe('note')
  })

  it('judges clocks by seconds', () => {
    expect(states(clockFinding('clock', Date.now() + 60_000))).toEqual(['clock wrong'])
    expect(states(clockFinding('clock', Date.now()))).toEqual(['clock fine'])
    expect(clockFinding('clock', Number.NaN)).toEqual([])
  })
})
