import { parentPort } from 'node:worker_threads'
import type { FromScanThread, ToScanThread } from '../scan-messages.ts'
import { Scanner } from './scanner.ts'

let scanner: Scanner | null = null

parentPort?.on('message', (message: ToScanThread) => {
  switch (message.kind) {
    case 'setup':
      scanner = new Scanner(message)
      tell({ kind: 'ready' })
      break
    case 'segment':
    case 'chunk':
      scanner?.adopt(message)
      break
    case 'scan':
      if (scanner === null) throw new Error('told to scan before being set up')
      tell({ kind: 'done', found: scanner.run(message.scan) })
      break
  }
})

function tell(message: FromScanThread): void {
  parentPort?.postMessage(message)
}
