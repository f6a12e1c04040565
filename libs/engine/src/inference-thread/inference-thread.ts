import { parentPort, workerData } from 'node:worker_threads'
import type { FaceTask } from '../messages/face-task.ts'
import { giveWay } from './give-way.ts'
import { loadNetworks, type PackNetworks } from './load-networks.ts'
import { runFaceTask } from './run-face-task.ts'
import { serveTasks } from './serve-tasks.ts'

/** Entry of an inference thread: loads the pack's networks, then runs one task after the other. */
giveWay()
const networks = await loadNetworks(workerData as PackNetworks)
if (parentPort === null) throw new Error('this file is the entry of a worker thread')
serveTasks<FaceTask>(parentPort, (task) => runFaceTask(task, networks))
