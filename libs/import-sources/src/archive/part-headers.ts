import { MIMEType } from 'node:util'

/** What the headers of a part of a form say. */
export interface PartHeaders {
  readonly name: string
  /** As its bytes came: it may not be UTF-8. Undefined: a plain field. */
  readonly fileName: Buffer | undefined
  readonly contentType: string
  readonly encoding: string
}

/** Null if they do not say which part of a form it is. Values are bytes as Latin-1, as a parser of HTTP headers gives them. */
export function readPartHeaders(headers: Readonly<Record<string, readonly string[]>>): PartHeaders | null {
  const params = paramsOf(headers['content-disposition']?.[0])
  const name = params?.get('name') ?? ''
  if (name === '') return null
  const fileName = params?.get('filename')
  const extended = params?.get('filename*')
  return {
    name,
    fileName: fileName == null ? extendedName(extended) : Buffer.from(fileName, 'latin1'),
    contentType: headers['content-type']?.[0] ?? '',
    encoding: headers['content-transfer-encoding']?.[0]?.trim() ?? 'binary',
  }
}

/** A media type has parameters of the same syntax, so that its parser reads these. */
function paramsOf(disposition: string | undefined): MIMEType['params'] | null {
  try {
    const read = new MIMEType(`multipart/${disposition ?? ''}`)
    return read.subtype === 'form-data' ? read.params : null
  } catch {
    return null
  }
}

/** RFC 7578, section 4.2, forbids the form of RFC 5987; some clients send it for names beyond ASCII. */
function extendedName(value: string | null | undefined): Buffer | undefined {
  const encoded = /^utf-8'[^']*'(.*)$/i.exec(value ?? '')?.[1]
  if (encoded === undefined) return undefined
  const bytes = encoded.replaceAll(/%([0-9a-f]{2})/gi, (_, hex) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return Buffer.from(bytes, 'latin1')
}
