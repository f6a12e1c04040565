import { say } from '@semblance/telemetry'
import { printable } from '../command/table.ts'
import type { ServerCalls } from '../server/server-calls.ts'
import { countOf } from './count-persons.ts'

/** The contract lets several persons have one external id, and whoever gives one may not expect it. */
export async function tellOthers(calls: ServerCalls, externalId: string): Promise<void> {
  const count = await countOf(calls, [['externalId', externalId]])
  if (count > 1) say(`note: ${count} persons have the external id ${printable(externalId)} now`)
}
