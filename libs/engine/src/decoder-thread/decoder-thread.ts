import { parentPort, workerData } from 'node:worker_threads'
import type { DecoderAnswer, DecoderOrder, DecoderSettings } from '../messages/decoder-order.ts'
import type { RawPicture } from '../messages/raw-picture.ts'
import { decodeBmp } from './decode-bmp.ts'
import { decodeHeic } from './decode-heic.ts'
import { decodeJp2 } from './decode-jp2.ts'

const { heicDecoder } = workerData as DecoderSettings

/** Entry of a decoder thread: one picture after the other, each answered. */
parentPort?.on('message', async (order: DecoderOrder) => {
  const picture = await decode(order).catch(() => null)
  const answer: DecoderAnswer = { picture }
  parentPort?.postMessage(answer, picture === null ? [] : [picture.data.buffer])
})

/** Rejects for bytes that bring the decoder down: they are broken, too. */
async function decode({ format, bytes, minSide, pixels }: DecoderOrder): Promise<RawPicture | null> {
  switch (format) {
    case 'bmp':
      return decodeBmp(bytes)
    case 'jp2':
      return decodeJp2(bytes, minSide)
    case 'heic':
      return heicDecoder === null ? null : decodeHeic(bytes, { folder: heicDecoder, maxPixels: pixels })
  }
}
