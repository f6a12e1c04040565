import {
  AppError,
  createPerson,
  deletePerson,
  type GalleryOf,
  type GalleryPorts,
  listPersonGroups,
  listPersons,
  listSortedPersons,
  type PersonId,
  type PersonUpdate,
  readPerson,
  revisionOf,
  updatePerson,
} from '@semblance/core'
import type { z } from 'zod'
import { type Endpoint, endpoint, type RequestContext } from '../endpoint/endpoint.ts'
import { wantedTags } from '../endpoint/entity-tag.ts'
import { listingOf } from '../endpoint/listing-of.ts'
import { badParams } from '../endpoint/parse-call.ts'
import { created, noContent, notThere, ok, type Reply, refuse } from '../endpoint/reply.ts'
import { pageQuery, pageRequestOf } from '../fields/page-query.ts'
import { personToCreate, personToUpdate } from '../fields/person-fields.ts'
import { personFilterOf, personListQuery, personSortOf, strayPersonFilter } from '../fields/person-filter.ts'
import { deletedSince, personNotFound, personParams, unknownGroups } from './person-paths.ts'
import { groupPage, personPage, personView, viewGroup, viewPage, viewPerson } from './person-view.ts'

const PERSON = '/api/persons/{personId}'

export function personEndpoints(galleryOf: GalleryOf): readonly Endpoint[] {
  return [
    endpoint({
      method: 'post',
      path: '/api/persons',
      access: 'key',
      body: personToCreate,
      docs: {
        operationId: 'create_person',
        tag: 'persons',
        summary: 'Create a person',
        description:
          'Without groups the person joins the Default group. Add pictures to have the person found.',
        bodyExample: { name: 'Ada Lovelace', metadata: { department: 'reception' } },
        answers: { 201: { description: 'The person.', schema: personView } },
        problems: [400],
      },
      handle: ({ body, context }) => create(galleryOf(context), body, context),
    }),
    endpoint({
      method: 'get',
      path: PERSON,
      access: 'key',
      params: personParams,
      docs: {
        operationId: 'get_person',
        tag: 'persons',
        summary: 'Read a person',
        answers: {
          200: {
            description: 'The person.',
            schema: personView,
            headers: { ETag: 'Ours. Of the person as it is now, for the If-Match of a change.' },
          },
        },
        problems: [400, 404],
      },
      handle: async ({ params, context }) => {
        const person = await readPerson(galleryOf(context), params.personId, context)
        if (person === null) return personNotFound()
        return ok(viewPerson(person), { ETag: `"${revisionOf(person)}"` })
      },
    }),
    listEndpoint(galleryOf),
    ...changeEndpoints(galleryOf),
  ]
}

function listEndpoint(galleryOf: GalleryOf): Endpoint {
  return endpoint({
    method: 'get',
    path: '/api/persons',
    access: 'key',
    query: personListQuery,
    strayFilter: strayPersonFilter,
    docs: {
      operationId: 'list_persons',
      tag: 'persons',
      summary: 'List persons',
      description:
        'Ours. All filters must hold, `metadata.<key>=<value>` among them: keys of nested objects are parted by dots (`metadata.desk.row=b`), a dot within a key is written `\\.`. Values are compared as text: `metadata.floor=3` finds `3` and `"3"`, alone or in an array.',
      answers: { 200: { description: 'Newest first, or as `sort` says.', schema: personPage } },
      problems: [400],
    },
    handle: ({ query, context }) => list(galleryOf(context), query, context),
  })
}

async function list(
  gallery: GalleryPorts,
  query: z.output<typeof personListQuery>,
  context: RequestContext,
): Promise<Reply> {
  const [filter, sort, listing] = [personFilterOf(query), personSortOf(query), listingOf(context)]
  const { cursor, ...request } = pageRequestOf(query)
  const from = (text?: string) => (text === undefined ? {} : { cursor: text })
  if (sort === null) {
    const wanted = { filter, request: { ...request, ...from(cursor?.toLowerCase()) } }
    return ok(viewPage(await listPersons(gallery, wanted, listing), viewPerson))
  }
  const sorted = { filter, sort, size: request.size, skip: query.skip ?? 0, ...from(cursor) }
  const page = await listSortedPersons(gallery, sorted, listing)
  return page === null ? foreignCursor : ok(viewPage(page, viewPerson))
}

const foreignCursor = badParams([
  { field: 'cursor', msg: 'must be the nextCursor of a list of persons with the same sort' },
])

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: a list of routes
function changeEndpoints(galleryOf: GalleryOf): readonly Endpoint[] {
  return [
    endpoint({
      method: 'put',
      path: PERSON,
      access: 'key',
      params: personParams,
      body: personToUpdate,
      docs: {
        operationId: 'update_person',
        tag: 'persons',
        summary: 'Change a person',
        bodyExample: { name: 'Ada King' },
        answers: { 204: { description: 'Changed.' } },
        problems: [400, 404, 409, 412],
        ifMatch:
          'Ours. The ETag of the person as you read it: if somebody else has changed it since, nothing is changed.',
      },
      handle: ({ params, body, context }) => {
        const ifRevision = wantedTags(context.ifMatch)
        return update(galleryOf(context), params.personId, { ...body, ifRevision })
      },
    }),
    endpoint({
      method: 'delete',
      path: PERSON,
      access: 'key',
      params: personParams,
      docs: {
        operationId: 'delete_person',
        tag: 'persons',
        summary: 'Delete a person with all pictures',
        answers: { 204: { description: 'Gone, and found by no search from now on.' } },
        problems: [400, 404, 409],
      },
      handle: async ({ params, context }) => {
        const { outcome } = await deletePerson(galleryOf(context), params.personId)
        return outcome === 'deleted' ? noContent : notThere(context, personNotFound())
      },
    }),
    endpoint({
      method: 'get',
      path: `${PERSON}/groups`,
      access: 'key',
      params: personParams,
      query: pageQuery,
      docs: {
        operationId: 'get_all_groups_by_person_id',
        tag: 'persons',
        summary: 'List the groups of a person',
        answers: { 200: { description: 'Newest first.', schema: groupPage } },
        problems: [400, 404],
      },
      handle: async ({ params, query, context }) => {
        const request = pageRequestOf(query)
        const page = await listPersonGroups(
          galleryOf(context),
          { personId: params.personId, request },
          listingOf(context),
        )
        return page === null ? personNotFound() : ok(viewPage(page, viewGroup))
      },
    }),
  ]
}

/** Writes take no signal: a caller that leaves half way must not leave half a write to the reconciler. */
async function create(
  gallery: GalleryPorts,
  body: z.output<typeof personToCreate>,
  context: RequestContext,
): Promise<Reply> {
  const expiry = readExpiry(body, gallery.clock.now())
  if (expiry.outcome === 'refused') return expiry.reply
  const { expireAt } = expiry
  const draft = {
    id: context.newId() as PersonId,
    name: body.name,
    externalId: body.externalId ?? null,
    metadata: body.metadata ?? '{}',
    groups: body.groups ?? [],
    expireAt: expireAt ?? null,
  }
  try {
    const outcome = await createPerson(gallery, draft)
    if (outcome.outcome === 'unknown-groups') return unknownGroups('groups', outcome.groups)
    return created(viewPerson(outcome.person))
  } catch (fault) {
    if (context.isRepeat && fault instanceof AppError && fault.code === 'E_STALE_ID') return deletedSince()
    throw fault
  }
}

async function update(
  gallery: GalleryPorts,
  id: PersonId,
  body: z.output<typeof personToUpdate> & { readonly ifRevision: readonly string[] | null },
): Promise<Reply> {
  const { name, externalId, metadata, groups, ifRevision } = body
  const expiry = readExpiry(body, gallery.clock.now())
  if (expiry.outcome === 'refused') return expiry.reply
  const { expireAt } = expiry
  const changes: PersonUpdate = {
    id,
    ...(name == null ? {} : { name }),
    ...(externalId === undefined ? {} : { externalId }),
    ...(metadata == null ? {} : { metadata }),
    ...(groups == null ? {} : { groups }),
    ...(expireAt === undefined ? {} : { expireAt }),
    ...(ifRevision === null ? {} : { ifRevision }),
  }
  const outcome = await updatePerson(gallery, changes)
  switch (outcome.outcome) {
    case 'updated':
      return noContent
    case 'person-not-found':
      return personNotFound()
    case 'changed-since':
      return refuse('PersonChangedSince', 'the person is not any more what If-Match names; read it again')
    case 'unknown-groups':
      return unknownGroups('groups', outcome.groups)
  }
}

type Expiry =
  | { readonly outcome: 'refused'; readonly reply: Reply }
  /** Milliseconds since the epoch; null: never, and undefined: nothing is said of it. */
  | { readonly outcome: 'read'; readonly expireAt: number | null | undefined }

/** A time counts more than a null. Of two times neither may be dropped silently. */
function readExpiry(
  { expireAt, ttl }: Pick<z.output<typeof personToUpdate>, 'expireAt' | 'ttl'>,
  nowMs: number,
): Expiry {
  if (expireAt != null && ttl != null) return { outcome: 'refused', reply: twoExpiries }
  const time = expireAt ?? (ttl == null ? null : nowMs + ttl * 1000)
  if (time !== null && time <= nowMs) return { outcome: 'refused', reply: expiryPast }
  const isSaid = expireAt !== undefined || ttl !== undefined
  return { outcome: 'read', expireAt: isSaid ? time : undefined }
}

const twoExpiries = badParams([{ field: 'ttl', msg: 'must not be sent together with expireAt' }])
const expiryPast = badParams([{ field: 'expireAt', msg: 'must be in the future' }])
