/** A picture and the fields beside it, as the server's forms take them. */
export function formOf(picture: Blob, fields: object = {}) {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields))
    form.set(name, typeof value === 'string' ? value : JSON.stringify(value))
  form.set('image', picture)
  // The type of a body is that of its JSON; a form says the same in its own way.
  return { body: form as never, bodySerializer: (body: unknown) => body as FormData }
}
