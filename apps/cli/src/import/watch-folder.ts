import { setTimeout as delay } from 'node:timers/promises'
import { type Layout, readSourceAt, type SourceItem } from '@semblance/import-sources'
import { say } from '@semblance/telemetry'
import { RestingFiles } from './resting-files.ts'
import { type Sending, type Sent, sendRows } from './send-rows.ts'
import { ToldOnce } from './told-once.ts'

/** Between two looks at the folder: looks work on every file system, and events do not. */
const LOOK_EVERY_MS = 2_000

/** Sends files as they come to rest, until the signal aborts, whose reason it throws. */
export async function watchFolder(
  source: string,
  sent: Sent,
  watching: Sending & { readonly layout: Layout },
): Promise<never> {
  const { layout, signal } = watching
  const files = new RestingFiles(source)
  const told = new ToldOnce()
  say('watching the folder, until Ctrl-C')
  for (;;) {
    const items = readSourceAt(source, { layout, signal, only: (path) => files.takes(path) })
    await sendRows(newOnly(items, told), sent, watching)
    files.endLook()
    told.endLook()
    await delay(LOOK_EVERY_MS, undefined, { signal })
  }
}

/** What is wrong with the folder itself is there at each look, and is told once. */
async function* newOnly(items: AsyncIterable<SourceItem>, told: ToldOnce): AsyncGenerator<SourceItem> {
  for await (const item of items) {
    if (item.kind === 'row') {
      yield item
      continue
    }
    const text = item.kind === 'note' ? item.message : `${item.key} ${item.message}`
    if (!told.isNew(text)) continue
    say(`note: ${text}`)
    yield item
  }
}
