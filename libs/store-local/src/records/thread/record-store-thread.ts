/** The thread behind the ports of `sqlite-record-store.ts`: waiting for the disk here keeps the event loop free. */
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import type { StoreAnswer, StoreCall, ThreadReport, ThreadRequest } from '../store-messages.ts'
import { LogKeeper } from './log-keeper.ts'
import { faultOf, openSqliteTables, type SqliteFiles, type SqliteTables } from './sqlite-tables.ts'

/** A batch waits for its slowest read and is lost as a whole with its commit, so it is not left to grow freely. */
const MAX_BATCH = 512

if (parentPort === null) throw new Error('this file is a worker thread')
serve(parentPort, workerData as SqliteFiles)

function serve(port: MessagePort, files: SqliteFiles): void {
  const send = (report: ThreadReport, transfer: ArrayBuffer[] = []) => port.postMessage(report, transfer)
  const tables = open(files, send)
  if (tables === null) {
    port.close()
    return
  }
  const keeper = new LogKeeper({
    log: tables,
    now: () => performance.now(),
    onLate: (why) => send({ kind: 'late-erasure', why }),
  })
  keeper.attend()

  port.on('message', (first: ThreadRequest) => {
    const { calls, isLast } = drain(port, first)
    const answers = tables.answer(calls)
    if (answers.length > 0) send({ kind: 'answers', answers }, answers.flatMap(buffersOf))
    const damaged = tables.takeDamaged()
    if (damaged.length > 0) send({ kind: 'damaged', damaged })
    if (!isLast) return keeper.attend()
    keeper.stop()
    leave(port, tables)
  })
}

function open(files: SqliteFiles, send: (report: ThreadReport) => void): SqliteTables | null {
  try {
    const tables = openSqliteTables(files)
    send({ kind: 'opened', fault: null })
    return tables
  } catch (error) {
    send({ kind: 'opened', fault: faultOf(error) })
    return null
  }
}

/** Group commit: what came while the last batch was written goes into one transaction. */
function drain(port: MessagePort, first: ThreadRequest): { calls: StoreCall[]; isLast: boolean } {
  const calls: StoreCall[] = []
  let next: ThreadRequest | undefined = first
  while (next !== undefined) {
    if (next.kind === 'close') return { calls, isLast: true }
    calls.push(...next.calls)
    if (calls.length >= MAX_BATCH) break
    next = receiveMessageOnPort(port)?.message as ThreadRequest | undefined
  }
  return { calls, isLast: false }
}

function leave(port: MessagePort, tables: SqliteTables): void {
  const report: ThreadReport = { kind: 'closed', fault: attempt(() => tables.close()) }
  port.postMessage(report)
  port.close()
}

/** A failed checkpoint loses nothing: the log stays and is read at the next start. */
function attempt(task: () => void) {
  try {
    task()
    return null
  } catch (error) {
    return faultOf(error)
  }
}

/** A page of descriptors lies in one buffer, which is handed over instead of copied. */
function buffersOf(answer: StoreAnswer): ArrayBuffer[] {
  if (answer.fault !== null || !Array.isArray(answer.value)) return []
  const buffer = answer.value[0]?.image?.descriptor?.values?.buffer
  return buffer instanceof ArrayBuffer ? [buffer] : []
}
