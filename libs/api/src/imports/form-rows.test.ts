import { createNaiveImageStore, createNaiveImportStore, openTestGallery } from '@semblance/testkit'
import { expect, it } from 'vitest'
import { openTestApi } from '../testing/open-test-api.ts'

const FORM = [
  '--xyz\r\nContent-Disposition: form-data; name="rows"\r\n\r\n',
  '{"key":"1","person":{"externalId":"a"},"file":"1.jpg"}\r\n',
  '--xyz\r\nContent-Disposition: form-data; name="p"; filename="1.jpg"\r\n\r\nx\r\n--xyz--\r\n',
].join('')

it.each([
  ['POST', 'rows'],
  ['PUT', 'content'],
] as const)('%s of %s takes a form with pictures', async (method, call) => {
  const gallery = openTestGallery()
  const imports = createNaiveImportStore(gallery.clock)
  const staged = createNaiveImageStore(gallery.clock)
  const api = await openTestApi({
    gallery,
    deps: { importing: { imports, staged, maxStagedBytes: 1_000_000 } },
  })
  try {
    const { json } = await api.ask('POST', '/api/imports', { body: { name: 'staff' } })
    const headers = { 'content-type': 'multipart/form-data; boundary=xyz' }
    const raw = Buffer.from(FORM)
    const sent = await api.ask(method, `/api/imports/${json.id}/${call}`, { headers, raw })
    expect([sent.status, sent.json]).toMatchObject([200, { added: 1, invalid: 0 }])
  } finally {
    await api.close()
  }
})
