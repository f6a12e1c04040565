/** A file without a byte was chosen, such as one whose copy was cut off: the server need not be asked. */
export class EmptyFile extends Error {}

/** A picture and the fields beside it, as the server's forms take them. @throws {EmptyFile} */
export function formOf(picture: Blob, fields: object = {}) {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields))
    form.set(name, typeof value === 'string' ? value : JSON.stringify(value))
  form.set('image', filled(picture))
  // The type of a body is that of its JSON; a form says the same in its own way.
  return { body: form as never, bodySerializer: (body: unknown) => body as FormData }
}

/** The file as it is. @throws {EmptyFile} */
export function filled(file: Blob): Blob {
  if (file.size === 0) throw new EmptyFile()
  return file
}
