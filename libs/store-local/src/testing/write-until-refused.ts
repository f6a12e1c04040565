/** A process that writes images until the store refuses, then tells what was acknowledged and what it still reads. */
import { aClock, anImage } from '@semblance/testkit'
import { openSqliteRecordStore } from '../records/main/sqlite-record-store.ts'

const [file = ''] = process.argv.slice(2)
const store = await openSqliteRecordStore({ file, clock: aClock() })
const acknowledged: string[] = []
let code: unknown = null
while (code === null) {
  const batch = Array.from({ length: 4 }, () => anImage())
  const answers = await Promise.allSettled(batch.map((image) => store.images.insert(image)))
  for (const [i, answer] of answers.entries()) {
    if (answer.status === 'fulfilled') acknowledged.push(batch[i]?.id ?? '')
    else code = (answer.reason as { code?: unknown }).code ?? String(answer.reason)
  }
}
const readable = (await store.images.findMany(acknowledged as never)).length
process.stdout.write(JSON.stringify({ acknowledged, code, readable }))
// No orderly close: the checkpoint would need the room that is not there.
process.exit(0)
