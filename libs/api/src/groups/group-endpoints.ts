import {
  changeMembers,
  deleteGroup,
  type GalleryOf,
  type GalleryPorts,
  type GroupId,
  listGroupPersons,
} from '@semblance/core'
import type { z } from 'zod'
import { type Endpoint, endpoint, type RequestContext } from '../endpoint/endpoint.ts'
import { listingOf } from '../endpoint/listing-of.ts'
import { created, noContent, notThere, ok, type Reply, refuse } from '../endpoint/reply.ts'
import { pageQuery, pageRequestOf } from '../fields/page-query.ts'
import { groupToCreate, groupToUpdate, membersToChange } from '../fields/person-fields.ts'
import { deletedSince, groupNotFound, groupParams } from '../persons/person-paths.ts'
import {
  countedGroupView,
  groupPage,
  groupView,
  personPage,
  viewGroup,
  viewPage,
  viewPerson,
} from '../persons/person-view.ts'

const GROUP = '/api/groups/{groupId}'

export function groupEndpoints(galleryOf: GalleryOf): readonly Endpoint[] {
  return [...collectionEndpoints(galleryOf), ...singleEndpoints(galleryOf), ...memberEndpoints(galleryOf)]
}

function collectionEndpoints(galleryOf: GalleryOf): readonly Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/api/groups',
      access: 'key',
      query: pageQuery,
      docs: {
        operationId: 'get_all_groups',
        tag: 'groups',
        summary: 'List the groups',
        answers: { 200: { description: 'Newest first.', schema: groupPage } },
        problems: [400],
      },
      handle: async ({ query, context }) => {
        const { groups } = galleryOf(context).records
        return ok(viewPage(await groups.list(pageRequestOf(query), listingOf(context)), viewGroup))
      },
    }),
    endpoint({
      method: 'post',
      path: '/api/groups',
      access: 'key',
      body: groupToCreate,
      docs: {
        operationId: 'create_group',
        tag: 'groups',
        summary: 'Create a group',
        bodyExample: { name: 'Visitors', metadata: {} },
        answers: { 201: { description: 'The group.', schema: groupView } },
        problems: [400],
      },
      handle: ({ body, context }) => create(galleryOf(context), body, context),
    }),
  ]
}

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: a list of routes
function singleEndpoints(galleryOf: GalleryOf): readonly Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: GROUP,
      access: 'key',
      params: groupParams,
      docs: {
        operationId: 'get_group',
        tag: 'groups',
        summary: 'Read a group',
        answers: { 200: { description: 'The group.', schema: countedGroupView } },
        problems: [400, 404],
      },
      handle: ({ params, context }) => read(galleryOf(context), params.groupId, context),
    }),
    endpoint({
      method: 'put',
      path: GROUP,
      access: 'key',
      params: groupParams,
      body: groupToUpdate,
      docs: {
        operationId: 'update_group',
        tag: 'groups',
        summary: 'Change a group',
        bodyExample: { name: 'Guests' },
        answers: { 204: { description: 'Changed.' } },
        problems: [400, 404],
      },
      handle: async ({ params, body, context }) => {
        const { name, metadata } = body
        const changes = { ...(name == null ? {} : { name }), ...(metadata == null ? {} : { metadata }) }
        const isChanged = await galleryOf(context).records.groups.update(params.groupId, changes)
        return isChanged ? noContent : groupNotFound()
      },
    }),
    endpoint({
      method: 'delete',
      path: GROUP,
      access: 'key',
      params: groupParams,
      // The contract has no 400 here.
      malformedParams: { type: 'GroupNotFound', msg: 'there is no such group' },
      docs: {
        operationId: 'delete_group',
        tag: 'groups',
        summary: 'Delete a group; its persons stay',
        answers: { 204: { description: 'Gone.' } },
        problems: [404],
      },
      handle: async ({ params, context }) => {
        const { outcome } = await deleteGroup(galleryOf(context), params.groupId)
        return outcome === 'deleted' ? noContent : notThere(context, groupNotFound())
      },
    }),
  ]
}

function memberEndpoints(galleryOf: GalleryOf): readonly Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: `${GROUP}/persons`,
      access: 'key',
      params: groupParams,
      query: pageQuery,
      docs: {
        operationId: 'get_all_persons_by_group_id',
        tag: 'groups',
        summary: 'List the persons of a group',
        answers: { 200: { description: 'Newest first.', schema: personPage } },
        problems: [400, 404],
      },
      handle: async ({ params, query, context }) => {
        const request = pageRequestOf(query)
        const wanted = { groupId: params.groupId, request }
        const page = await listGroupPersons(galleryOf(context), wanted, listingOf(context))
        return page === null ? groupNotFound() : ok(viewPage(page, viewPerson))
      },
    }),
    endpoint({
      method: 'put',
      path: `${GROUP}/persons`,
      access: 'key',
      params: groupParams,
      body: membersToChange,
      docs: {
        operationId: 'update_persons_in_group',
        tag: 'groups',
        summary: 'Add persons to a group, take persons out',
        description: 'All ids are looked up first: one unknown person, and nothing is changed.',
        bodyExample: { addItems: ['01936a5c-7e1d-7c3a-9f52-6d0a4b1c8e77'] },
        answers: { 204: { description: 'Changed.' } },
        problems: [400, 404, 409],
      },
      handle: ({ params, body, context }) => change(galleryOf(context), params.groupId, body),
    }),
  ]
}

async function read(
  { records, clock }: GalleryPorts,
  groupId: GroupId,
  context: RequestContext,
): Promise<Reply> {
  const [group, memberCount] = await Promise.all([
    records.groups.find(groupId, context),
    records.groups.countMembers({ groupId, nowMs: clock.now() }, context),
  ])
  return group?.state === 'live' ? ok({ ...viewGroup(group), memberCount }) : groupNotFound()
}

async function create(
  gallery: GalleryPorts,
  body: z.output<typeof groupToCreate>,
  context: RequestContext,
): Promise<Reply> {
  const group = {
    id: context.newId() as GroupId,
    name: body.name,
    metadata: body.metadata,
    createdAt: gallery.clock.now(),
    state: 'live' as const,
  }
  if (await gallery.records.groups.insert(group)) return created(viewGroup(group))
  // An earlier run of this request made it, and somebody may have changed or deleted it since.
  const earlier = await gallery.records.groups.find(group.id)
  return earlier?.state === 'live' ? created(viewGroup(earlier)) : deletedSince()
}

async function change(
  gallery: GalleryPorts,
  groupId: GroupId,
  body: z.output<typeof membersToChange>,
): Promise<Reply> {
  const outcome = await changeMembers(gallery, {
    groupId,
    add: body.addItems ?? [],
    remove: body.removeItems ?? [],
  })
  switch (outcome.outcome) {
    case 'changed':
      return noContent
    case 'group-not-found':
      return groupNotFound()
    case 'persons-not-found': {
      const persons = outcome.persons.slice(0, 10)
      return refuse('PersonNotFound', `there are no such persons: ${persons.join(', ')}`, { persons })
    }
  }
}
