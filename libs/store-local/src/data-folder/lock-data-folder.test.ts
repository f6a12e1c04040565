import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { stat, writeFile } from 'node:fs/promises'
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
