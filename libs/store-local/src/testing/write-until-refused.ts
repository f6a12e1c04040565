/** A process that writes images until the store refuses, then tells what was acknowledged and what it still reads. */
import { aClock, anImage } from '@semblance/testkit'
import { openSqlitePersonStore } from '../persons/sqlite-person-store.ts'

const [file = ''] = process.argv.slice(2)
const store = await openSqlitePersonStore({ file, clock: aClock() })
const acknowledged: string[] = []
let code: unknown = null
while (code === null) {
  const batch = Array.from({ length: 4 }, () => anImage())
  const answers = await Promise.allSettled(batch.map((image) => store.insertImage(image)))
  for (const [i, answer] of answers.entries()) {
    if (answer.status === 'fulfilled') acknowledged.push(batch[i]?.id ?? '')
    else code = (answer.reason as { code?: unknown }).code ?? String(answer.reason)
  }
}
const readable = (await store.findImages(acknowledged as never)).length
process.stdout.write(JSON.stringify({ acknowledged, code, readable }))
// No orderly close: the checkpoint would need the room that is not there.
process.exit(0)
