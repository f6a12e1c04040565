import type { DescriptorNote, EnrolledImage, StoredReply, Waiting } from '@semblance/core'
import { type CallName, type PortName, STORE_CALLS, type StorePorts } from '../store-calls.ts'
import type { StoreThreadHandle } from './store-thread-handle.ts'

/** The ports whose calls the thread answers. */
export function portsOverThread(thread: StoreThreadHandle): StorePorts {
  const port = <Name extends PortName>(name: Name) => portOverThread(thread, name)
  const images = port('images')
  const descriptors = port('descriptors')
  const replies = port('replies')
  return {
    persons: port('persons'),
    images: { ...images, insert: (image, waiting) => images.insert(withOwnBuffer(image), waiting) },
    descriptors: {
      ...descriptors,
      note: (note, waiting) => descriptors.note(withOwnValues(note), waiting),
    },
    groups: port('groups'),
    feedback: port('feedback'),
    settings: port('settings'),
    overdue: port('overdue'),
    replies: {
      ...replies,
      complete: (claim, reply, waiting) => replies.complete(claim, withOwnBody(reply), waiting),
    },
    importRecords: port('importRecords'),
    importRows: port('importRows'),
    importedPersons: port('importedPersons'),
    operationRecords: port('operationRecords'),
    operationTargets: port('operationTargets'),
    duplicatePairs: port('duplicatePairs'),
    store: port('store'),
  }
}

function portOverThread<Name extends PortName>(thread: StoreThreadHandle, port: Name): StorePorts[Name] {
  const methods = Object.entries(STORE_CALLS[port]).map(([method, [count]]) => {
    const name = `${port}.${method}` as CallName
    const call = (...given: readonly unknown[]) =>
      thread.call(name, given.slice(0, count), given[count] as Waiting | undefined)
    return [method, call] as const
  })
  return Object.fromEntries(methods) as unknown as StorePorts[Name]
}

/** A view is cloned with the whole buffer behind it, and that may hold a batch of descriptors. */
function withOwnBuffer(image: EnrolledImage): EnrolledImage {
  const { packId, values } = image.descriptor
  return { ...image, descriptor: { packId, values: values.slice() } }
}

function withOwnValues(note: DescriptorNote): DescriptorNote {
  return note.values === undefined ? note : { ...note, values: note.values.slice() }
}

function withOwnBody(reply: StoredReply | null): StoredReply | null {
  return reply === null ? null : { ...reply, body: new Uint8Array(reply.body) }
}
