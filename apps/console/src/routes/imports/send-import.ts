import { answerOf, problemOf, SemblanceProblem } from '@semblance/client'
import { api, type Import } from '../../server/api.ts'
import { addressOf } from '../../server/place.ts'
import { isUnreachable } from '../../server/unreachable.ts'
import { writeToken } from '../../server/write-token.ts'
import type { PlacedFile } from './folder-files.ts'

/** Of one form: few enough that progress shows, and far below what a body may have. */
const FILES_AT_ONCE = 20
const BYTES_AT_ONCE = 16_000_000
const TRIES = 5
const WAIT_MS = 1000

export interface ImportOptions {
  readonly name: string
  readonly groupId: string
  readonly faces: 'one' | 'central'
  readonly quality: 'off' | 'standard'
}

export function beginImport({ name, groupId, faces, quality }: ImportOptions): Promise<Import> {
  const groups = groupId === '' ? {} : { groups: [groupId] }
  return answerOf(api.POST('/api/imports', { body: { name, faces, quality, ...groups } }))
}

interface Sending {
  readonly signal: AbortSignal
  readonly onSent: (files: number) => void
}

/** Sends the photos of a folder in forms, and says after each how many have gone. Then nothing more will come. */
export async function sendFolder(
  importId: string,
  files: readonly PlacedFile[],
  { signal, onSent }: Sending,
): Promise<void> {
  let sent = 0
  for (const some of inPortions(files)) {
    const form = new FormData()
    for (const [place, { path, file }] of some.entries()) form.append(`file${place}`, file, path)
    await send(`/api/imports/${importId}/rows`, { method: 'POST', body: form, signal })
    sent += some.length
    onSent(sent)
  }
  await closeImport(importId)
}

export async function sendArchive(
  importId: string,
  { file, contentType }: { readonly file: File; readonly contentType: string },
  { signal }: Pick<Sending, 'signal'>,
): Promise<void> {
  await send(`/api/imports/${importId}/content`, {
    method: 'PUT',
    body: file,
    headers: { 'content-type': contentType },
    signal,
  })
  await closeImport(importId)
}

export async function cancelImport(importId: string): Promise<void> {
  await answerOf(api.POST('/api/imports/{importId}/cancel', { params: { path: { importId } } }))
}

/** Nothing more will come. */
async function closeImport(importId: string): Promise<void> {
  await answerOf(api.POST('/api/imports/{importId}/close', { params: { path: { importId } } }))
}

/** The server is away, or has no room at the moment: the same is sent again, which has no second effect. */
async function send(path: string, init: RequestInit & { readonly signal: AbortSignal }): Promise<void> {
  for (let tried = 1; ; tried++) {
    const fault = await sendOnce(path, init)
    if (fault === null) return
    init.signal.throwIfAborted()
    const mayPass = isUnreachable(fault) || (fault instanceof SemblanceProblem && fault.status === 503)
    if (!mayPass || tried === TRIES) throw fault
    await new Promise((resolve) => setTimeout(resolve, tried * WAIT_MS))
  }
}

/** Null: the server took it. */
async function sendOnce(path: string, init: RequestInit): Promise<unknown> {
  const token = writeToken.read()
  const headers = { ...init.headers, ...(token === null ? {} : { 'X-Semblance-Write-Token': token }) }
  try {
    const answer = await fetch(addressOf(path), { ...init, headers })
    return answer.ok ? null : problemOf(answer, await answer.json().catch(() => null))
  } catch (fault) {
    return fault
  }
}

function* inPortions(files: readonly PlacedFile[]): Generator<readonly PlacedFile[]> {
  let portion: PlacedFile[] = []
  let bytes = 0
  for (const one of files) {
    if (portion.length === FILES_AT_ONCE || (portion.length > 0 && bytes + one.file.size > BYTES_AT_ONCE)) {
      yield portion
      portion = []
      bytes = 0
    }
    portion.push(one)
    bytes += one.file.size
  }
  if (portion.length > 0) yield portion
}
