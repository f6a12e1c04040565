import { type CountedImports, namesUser, readFromSource } from '@semblance/core'
import { readNamePattern } from '@semblance/import-sources'
import { z } from 'zod'
import type { ApiDeps, ImportingPorts } from '../api-deps.ts'
import { type Endpoint, endpoint } from '../endpoint/endpoint.ts'
import { accepted, refuse } from '../endpoint/reply.ts'
import { encodingField } from './encoding-field.ts'
import { importNotFound, importParams } from './import-paths.ts'
import { importView, readImportView } from './import-view.ts'

/** As of links to pictures; signed links are long. */
const MAX_URL_LENGTH = 8_192
/** A prefix of a bucket, an object of one, or a file of a host or a folder. */
const SOURCE = /^((s3|gs):\/\/[^/]+\/|(https?|file):\/\/.*[^/]$)/is

const sourceToRead = z
  .strictObject({
    url: z
      .string()
      .max(MAX_URL_LENGTH)
      .regex(SOURCE, {
        message:
          'must be a prefix of a bucket that ends with "/", such as s3://bucket/photos/, or a link to a manifest or an archive: s3://, gs://, https:// or file://',
      })
      .refine((url) => !namesUser(url), { message: 'must have no user and no password' })
      .meta({
        description:
          'A prefix of a bucket of S3 or Google Cloud Storage, with "/" at its end; or a link (s3, gs, https, http, file) to a manifest (CSV, NDJSON) or an archive (tar, tar.gz, zip).',
        example: 's3://bucket/photos/',
      }),
    pattern: z.string().nullish().meta({
      description:
        'What the names of objects, or of files in an archive, say; may have {person}, {name}, {group}, {n} and {any}. Left out: the folder that a picture lies in is its person, external id and name.',
      example: '{person}_{n}.jpg',
    }),
    encoding: encodingField,
    close: z
      .boolean()
      .default(false)
      .meta({ description: 'True: the import is closed once all has been read.' }),
  })
  .meta({ id: 'SourceToRead' })

/** Rows that the server itself takes from somewhere else. */
export function sourceEndpoint(
  deps: Pick<ApiDeps, 'galleryOf' | 'queue' | 'clock'> & { readonly counted: CountedImports },
  { imports, onWork }: ImportingPorts,
): Endpoint {
  return endpoint({
    method: 'post',
    path: '/api/imports/{importId}/source',
    access: 'key',
    params: importParams,
    body: sourceToRead,
    docs: {
      operationId: 'read_import_source',
      tag: 'imports',
      summary: 'Have rows taken from a bucket, or from a file behind a link',
      description:
        'Each object whose key begins with a prefix becomes a row, whose picture is a link to it; nothing is copied. Rows of a manifest or an archive are as those of the other calls. The server reads in the background, by the rules of links, and goes on by itself after a crash. GET of the import tells how far it is. Asked again, it goes on where it failed; one that was read is read again, for what has come since.',
      bodyExample: { url: 's3://bucket/photos/', close: true },
      answers: { 202: { description: 'The import as it is now.', schema: importView } },
      problems: [400, 404, 409],
    },
    handle: async ({ params, body, context }) => {
      const pattern = body.pattern ?? null
      const read = pattern === null ? {} : readNamePattern(pattern)
      if ('problem' in read) return refuse('BadParamsException', `pattern ${read.problem}`)
      const gallery = deps.galleryOf(context)
      const { url, close: closes, encoding = null } = body
      const withDescriptors = context.caller.mayHaveDescriptors
      const asked = { id: params.importId, url, pattern, encoding, withDescriptors, closes }
      const begun = await readFromSource({ gallery, imports }, asked, context)
      if (begun.outcome === 'import-not-found') return importNotFound()
      if (begun.outcome === 'closed') return refuse('ImportStateConflict', 'this import takes no more rows')
      if (begun.outcome === 'busy')
        return refuse('ImportStateConflict', 'this import is reading another source')
      onWork?.()
      const view = await readImportView(deps, begun.import, context)
      return accepted(view, `/api/imports/${params.importId}`)
    },
  })
}
