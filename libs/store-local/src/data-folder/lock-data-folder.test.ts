import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { lockDataFolder } from './lock-data-folder.ts'

describe('the lock of a data folder', () => {
  let temporary: Awaited<ReturnType<typeof temporaryFolder>>
  let folder: string
  beforeEach(async () => {
    temporary = await temporaryFolder()
    folder = join(temporary.path, 'a', 'data')
  })
  afterEach(() => temporary.remove())

  it('makes the folder, for its owner only', async () => {
    const lock = await lockDataFolder(folder)
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
    await lock.release()
  })

  it('is held by one at a time, also within a process', async () => {
    const lock = await lockDataFolder(folder)
    await expect(lockDataFolder(folder)).rejects.toMatchObject({ code: 'E_DATA_LOCKED' })
    await lock.release()
    await (await lockDataFolder(folder)).release()
  })

  it('names the process that holds it, and is free as soon as that one is killed', async () => {
    const holder = await startHolder(folder)
    await expect(lockDataFolder(folder)).rejects.toMatchObject({
      code: 'E_DATA_LOCKED',
      message: expect.stringContaining(`process ${holder.pid}`),
    })
    holder.kill('SIGKILL')
    await once(holder, 'exit')
    await (await lockDataFolder(folder)).release()
  })

  it('is refused to the others as held, also while the journals of the holder come and go', async () => {
    const lock = await lockDataFolder(folder)
    const journal = join(folder, 'semblance.sqlite-journal')
    let isAtWork = true
    const holder = (async () => {
      while (isAtWork) {
        await writeFile(journal, '')
        await rm(journal)
      }
    })()
    const refusals = Array.from({ length: 300 }, async () =>
      lockDataFolder(folder).then(
        () => 'given',
        (fault: { code: string }) => fault.code,
      ),
    )
    const told = new Set(await Promise.all(refusals))
    isAtWork = false
    await holder
    await lock.release()
    expect([...told]).toEqual(['E_DATA_LOCKED'])
  })

  it('is refused where a link leads to a database that is not there', async () => {
    await (await lockDataFolder(folder)).release()
    await symlink(join(temporary.path, 'nowhere', 'semblance.sqlite'), join(folder, 'semblance.sqlite'))
    await expect(lockDataFolder(folder)).rejects.toMatchObject({ code: 'E_DATA_UNREADABLE' })
  })

  it('says what is wrong with a folder that cannot be used', async () => {
    await writeFile(join(temporary.path, 'a'), 'a file where a folder should be')
    await expect(lockDataFolder(folder)).rejects.toMatchObject({
      code: 'E_DATA_UNREADABLE',
      message: expect.stringContaining(folder),
    })
  })
})

async function startHolder(folder: string) {
  const script = join(import.meta.dirname, '../testing/hold-lock.ts')
  const holder = spawn(process.execPath, ['--conditions=@semblance/source', script, folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  await once(holder.stdout, 'data')
  return holder
}
