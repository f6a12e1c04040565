import { readdir } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { fileFaultForPeople } from './file-fault.ts'

it('names the file or folder that cannot be used, and why, without a stack', async () => {
  const fault = await readdir('/no/such folder').catch(fileFaultForPeople)
  expect(fault).toMatchObject({
    name: 'CommandFault',
    message: '/no/such folder cannot be used: no such file or directory (ENOENT)',
    exitCode: 2,
  })
})

it('takes a full disk for no wrong use', () => {
  const full = Object.assign(new Error("ENOSPC: no space left on device, write '/a'"), {
    code: 'ENOSPC',
    path: '/a',
    syscall: 'write',
  })
  expect(fileFaultForPeople(full)).toMatchObject({ exitCode: 1 })
})

it('leaves faults of the program as they are', () => {
  const bug = new TypeError('x is not a function')
  expect(fileFaultForPeople(bug)).toBe(bug)
})
