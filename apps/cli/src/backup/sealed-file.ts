import { type CipherGCM, createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { CommandFault } from '../server/command-fault.ts'
import type { BackupKey } from './backup-key.ts'

/*
 * A file of an encrypted backup; docs/operations.md has the table. The pieces are those of the STREAM construction
 * (Hoang, Reyhanitabar, Rogaway, Vizar 2015), which age uses, too: the number of a piece and whether it is the last are
 * in its nonce, so that none can be left out, moved or appended.
 */
const MAGIC = Buffer.from('SMBLSEA1')
const SALT_BYTES = 32
const HEAD_BYTES = MAGIC.length + SALT_BYTES
const PIECE_BYTES = 65_536
const TAG_BYTES = 16
const SEALED_PIECE_BYTES = PIECE_BYTES + TAG_BYTES
const CIPHER = 'aes-256-gcm'

/** Which file of which backup it is. */
export interface SealedName {
  readonly key: BackupKey
  /** Its path in the backup, with forward slashes. */
  readonly name: string
}

/** Bytes that a file of `bytes` has once it is sealed. */
export function sealedSize(bytes: number): number {
  return HEAD_BYTES + bytes + TAG_BYTES * Math.max(1, Math.ceil(bytes / PIECE_BYTES))
}

/** Encrypts a file into a new one, and waits until the disk has it. It holds one piece at a time. */
export async function sealFile(source: string, target: string, { key, name }: SealedName): Promise<void> {
  await between(source, target, async (from, to) => {
    const salt = randomBytes(SALT_BYTES)
    const fileKey = key.ofFile(name, salt)
    await to.writeFile(Buffer.concat([MAGIC, salt]))
    const { size } = await from.stat()
    for (const { at, bytes, nonce } of piecesOf(size, PIECE_BYTES)) {
      const plain = await readExactly(from, at, bytes)
      const cipher: CipherGCM = createCipheriv(CIPHER, fileKey, nonce)
      const body = cipher.update(plain)
      cipher.final()
      await to.writeFile(Buffer.concat([body, cipher.getAuthTag()]))
    }
  })
}

/** Decrypts a file into a new one, and waits until the disk has it. Throws a `CommandFault` if it is not what was sealed. */
export async function unsealFile(source: string, target: string, sealed: SealedName): Promise<void> {
  await between(source, target, async (from, to) => {
    for await (const piece of piecesUnsealed(from, sealed)) await to.writeFile(piece)
  })
}

/** The content of a sealed file, in memory: for one that is known to be small. Throws as `unsealFile` does. */
export async function readSealed(source: string, sealed: SealedName): Promise<Buffer> {
  const from = await open(source)
  try {
    const pieces: Buffer[] = []
    for await (const piece of piecesUnsealed(from, sealed)) pieces.push(piece)
    return Buffer.concat(pieces)
  } finally {
    await from.close()
  }
}

async function* piecesUnsealed(from: FileHandle, { key, name }: SealedName): AsyncGenerator<Buffer> {
  const { size } = await from.stat()
  if (size < HEAD_BYTES + TAG_BYTES) throw damaged(name)
  const head = await readExactly(from, 0, HEAD_BYTES)
  if (!head.subarray(0, MAGIC.length).equals(MAGIC)) throw damaged(name)
  const fileKey = key.ofFile(name, head.subarray(MAGIC.length))
  for (const { at, bytes, nonce } of piecesOf(size - HEAD_BYTES, SEALED_PIECE_BYTES)) {
    if (bytes < TAG_BYTES) throw damaged(name)
    const piece = await readExactly(from, HEAD_BYTES + at, bytes)
    const decipher = createDecipheriv(CIPHER, fileKey, nonce, { authTagLength: TAG_BYTES })
    decipher.setAuthTag(piece.subarray(-TAG_BYTES))
    const plain = decipher.update(piece.subarray(0, -TAG_BYTES))
    try {
      decipher.final()
    } catch {
      throw damaged(name)
    }
    yield plain
  }
}

function damaged(name: string): CommandFault {
  return new CommandFault(`the backup is damaged: ${name} is not what was encrypted`)
}

interface Piece {
  readonly at: number
  readonly bytes: number
  readonly nonce: Buffer
}

/** Also an empty file has a piece: without it, nothing would show that it is whole. */
function* piecesOf(total: number, most: number): Generator<Piece> {
  const last = Math.max(1, Math.ceil(total / most)) - 1
  for (let number = 0; number <= last; number++) {
    const nonce = Buffer.alloc(12)
    nonce.writeBigUInt64BE(BigInt(number), 3)
    nonce[11] = number === last ? 1 : 0
    yield { at: number * most, bytes: Math.min(most, total - number * most), nonce }
  }
}

async function readExactly(from: FileHandle, at: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.alloc(bytes)
  for (let read = 0; read < bytes; ) {
    const { bytesRead } = await from.read(buffer, read, bytes - read, at + read)
    if (bytesRead === 0) throw new CommandFault('a file became shorter while it was read')
    read += bytesRead
  }
  return buffer
}

async function between(
  source: string,
  target: string,
  copy: (from: FileHandle, to: FileHandle) => Promise<void>,
): Promise<void> {
  const from = await open(source)
  try {
    const to = await open(target, 'wx', 0o600)
    try {
      await copy(from, to)
      await to.sync()
    } finally {
      await to.close()
    }
  } finally {
    await from.close()
  }
}
