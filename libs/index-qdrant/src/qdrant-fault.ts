/**
 * Why Qdrant did not do what it was asked for, without what it was asked: its own messages may quote payloads or
 * vectors, so neither they nor the client's error go on as a cause.
 */
export class QdrantFault extends Error {
  /** HTTP status; null when there was no answer. */
  readonly status: number | null

  constructor(message: string, status: number | null = null) {
    super(message)
    this.name = 'QdrantFault'
    this.status = status
  }
}

/** The node answered, but does not know yet what the others agreed on: see `NodesInStep`. */
export class NodeBehind extends QdrantFault {
  constructor() {
    super('qdrant answered from a node that had hung')
  }
}

/** 404: the collection or alias is not there. */
export function isMissing(fault: unknown): boolean {
  return fault instanceof QdrantFault && fault.status === 404
}

/** Says whether another try can help: it cannot where the request itself was refused. */
export function isWorthRepeating({ status }: QdrantFault): boolean {
  return status === null || status >= 500 || status === 408 || status === 429
}

/** Says whether the node is to blame, not the request, so that calls had better go elsewhere for a while. */
export function isNodeAway(fault: QdrantFault): boolean {
  return fault.status === null && !(fault instanceof NodeBehind)
}

/** @throws what is no fault of Qdrant but of the program */
export function toQdrantFault(fault: unknown): QdrantFault {
  if (fault instanceof QdrantFault) return fault
  if (!(fault instanceof Error)) return new QdrantFault('qdrant failed')
  if ('status' in fault && typeof fault.status === 'number')
    return new QdrantFault(`qdrant answered ${fault.status}`, fault.status)
  if (fault.name === 'TimeoutError') return new QdrantFault('qdrant did not answer in time')
  if (fault instanceof SyntaxError) return new QdrantFault('qdrant answered something else than JSON')
  if (fault instanceof TypeError && (fault.message === 'fetch failed' || fault.message === 'terminated'))
    return new QdrantFault(`qdrant cannot be reached: ${codeOf(fault.cause) ?? 'no answer'}`)
  if (codeOf(fault) !== null) return new QdrantFault(`the connection to qdrant broke: ${codeOf(fault)}`)
  throw fault
}

function codeOf(fault: unknown): string | null {
  return fault instanceof Error && 'code' in fault && typeof fault.code === 'string' ? fault.code : null
}
