import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import { open } from 'node:fs/promises'
import { wrongUse } from '../server/command-fault.ts'

const KEY_BYTES = 32
/** More than any form of such a key has. */
const MAX_FILE_BYTES = 1024
const ID_BYTES = 8
/** Why a file cannot be read, in words. */
const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'is not there',
  ENOTDIR: 'is not there',
  EISDIR: 'is a folder',
  EACCES: 'may not be read by this user',
}

/** The key of encrypted backups. What is encrypted has a key of its own, which is derived from this one. */
export class BackupKey {
  readonly #secret: Buffer

  constructor(secret: Buffer) {
    this.#secret = secret
  }

  /** Tells keys apart, and says nothing else about this one. */
  get id(): string {
    return this.#derive('semblance backup key id', Buffer.alloc(0), ID_BYTES).toString('hex')
  }

  /** The key of one file. `name`: its path in the backup, so that no file can stand in for another. */
  ofFile(name: string, salt: Uint8Array): Buffer {
    return this.#derive(`semblance backup file ${name}`, salt, KEY_BYTES)
  }

  /** What shows that a text was written by somebody who has the key. */
  seal(text: string): string {
    const key = this.#derive('semblance backup summary', Buffer.alloc(0), KEY_BYTES)
    return createHmac('sha256', key).update(text).digest('base64')
  }

  hasSealed(text: string, seal: string): boolean {
    const [ours, theirs] = [Buffer.from(this.seal(text)), Buffer.from(seal)]
    return ours.length === theirs.length && timingSafeEqual(ours, theirs)
  }

  #derive(info: string, salt: Uint8Array, bytes: number): Buffer {
    return Buffer.from(hkdfSync('sha256', this.#secret, salt, info, bytes))
  }
}

/** Reads a file with 32 random bytes in Base64. Throws a `CommandFault` for any other. */
export async function readBackupKey(file: string): Promise<BackupKey> {
  const text = await readStart(file)
  const secret = Buffer.from(text.trim(), 'base64')
  if (secret.length === KEY_BYTES && secret.toString('base64') === text.trim()) return new BackupKey(secret)
  throw wrongUse(
    `${file} holds no key of backups, which is 32 random bytes in Base64: make one with "openssl rand -base64 32"`,
  )
}

async function readStart(path: string): Promise<string> {
  try {
    const file = await open(path)
    try {
      const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(MAX_FILE_BYTES) })
      return buffer.toString('latin1', 0, bytesRead)
    } finally {
      await file.close()
    }
  } catch (fault) {
    const { code = 'unknown' } = fault as NodeJS.ErrnoException
    throw wrongUse(`the key file ${path} ${WHY[code] ?? 'cannot be read'} (${code})`)
  }
}
