interface Saving {
  /** Of the file. */
  readonly name: string
  readonly type: string
  /** This is told how many bytes have come, again and again. */
  readonly onBytes: (bytes: number) => void
}

/** Takes a stream to its end, and gives it to the browser as a file to keep. Rejects, and keeps nothing, where it is cut off. */
export async function saveStream(stream: ReadableStream<Uint8Array>, { name, type, onBytes }: Saving) {
  const parts: BlobPart[] = []
  let bytes = 0
  const reader = stream.getReader()
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    parts.push(read.value as Uint8Array<ArrayBuffer>)
    bytes += read.value.byteLength
    onBytes(bytes)
  }
  const url = URL.createObjectURL(new Blob(parts, { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The browser has begun to write the file by then.
  setTimeout(() => URL.revokeObjectURL(url), RELEASED_AFTER_MS)
}

const RELEASED_AFTER_MS = 60_000
