import {
  AppError,
  amount,
  type BeginRedescribingOutcome,
  beginRedescribing,
  type ChangePackOutcome,
  dropPack,
  type ImageId,
  listUndescribed,
  type OperationId,
  type OperationStore,
  switchPack,
} from '@semblance/core'
import { z } from 'zod'
import type { ApiDeps } from '../api-deps.ts'
import { type Endpoint, endpoint, type RequestContext } from '../endpoint/endpoint.ts'
import { badParams } from '../endpoint/parse-call.ts'
import { accepted, ok, type Reply, refuse } from '../endpoint/reply.ts'
import { operationPath } from './operation-paths.ts'
import { operationView, viewOperation } from './operation-view.ts'
import { redescribingView, undescribedPage, viewRedescribing } from './redescribe-view.ts'

const LISTED = 100

const move = z
  .strictObject({
    pack: z.string().min(1).max(100).meta({ description: 'The pack by its name, such as `builtin@2`.' }),
    share: z.number().min(0).max(1).default(1).meta({
      description: 'The pack may come to serve once it has described so much of all images.',
    }),
    switch: z.boolean().default(true).meta({
      description: 'false: it is described and compared only, and comes to serve when it is asked to.',
    }),
  })
  .meta({ id: 'RedescribeFields' })

const switching = z
  .strictObject({
    acceptLacking: z.int().min(0).default(0).meta({
      description: 'So many images may lack the pack that is to serve: they are not found then.',
    }),
  })
  .meta({ id: 'SwitchPackFields' })

type Deps = Pick<ApiDeps, 'galleryOf' | 'clock' | 'packs'>

/** A gallery that moves to another model pack. */
export function redescribeEndpoints(deps: Deps, operations: OperationStore): readonly Endpoint[] {
  return [
    beginEndpoint({ deps, operations }, { path: '/api/redescribe', isDescribed: true }),
    // A gateway answers it at its port for operators, too; standalone has no such port.
    beginEndpoint({ deps, operations }, { path: '/ops/redescribe', isDescribed: false }),
    readEndpoint(deps, operations),
    undescribedEndpoint(deps),
    switchEndpoint(deps, operations),
    dropEndpoint(deps, operations),
  ]
}

function beginEndpoint(
  { deps, operations }: { readonly deps: Deps; readonly operations: OperationStore },
  { path, isDescribed }: { readonly path: string; readonly isDescribed: boolean },
): Endpoint {
  return endpoint({
    method: 'post',
    path,
    access: 'key',
    body: move,
    docs: isDescribed ? BEGIN_DOCS : null,
    handle: async ({ body, context }) => {
      const { packs, galleryOf, clock } = deps
      if (packs === undefined) return notHere()
      const asked = { id: context.newId() as OperationId, ...body, switches: body.switch }
      const begun = await beginRedescribing(
        { gallery: galleryOf(context), operations, desk: packs },
        asked,
        context,
      ).catch((fault: unknown) => faultOfPack(fault))
      if ('status' in begun) return begun
      if (begun.outcome !== 'begun') return refuse('PackStateConflict', whyNot(begun))
      const { operation } = begun
      return accepted(viewOperation(operation, clock.now()), operationPath(operation.id))
    },
  })
}

const BEGIN_DOCS = {
  operationId: 'redescribe',
  tag: 'bulk',
  summary: 'Move the gallery to another model pack',
  description:
    'Ours. Every stored picture is described again in the background, beside the pack that serves; searches go first. Then both packs are compared on a sample, and the new one comes to serve at one moment. It is an operation, too: pause, resume and cancel it there.',
  bodyExample: { pack: 'builtin@2' },
  answers: {
    202: { description: 'The operation; `Location` is where it tells its progress.', schema: operationView },
  },
  problems: [400, 409],
} as const

function readEndpoint(deps: Deps, operations: OperationStore): Endpoint {
  return endpoint({
    method: 'get',
    path: '/api/redescribe',
    access: 'key',
    docs: {
      operationId: 'get_redescribing',
      tag: 'bulk',
      summary: 'Read which model packs the gallery has, and how far its move is',
      description: 'Ours.',
      answers: { 200: { description: 'Packs, counts, and the newest move.', schema: redescribingView } },
      problems: [409],
    },
    handle: async ({ context }) => viewed(deps, operations, context),
  })
}

function undescribedEndpoint({ galleryOf, packs }: Deps): Endpoint {
  return endpoint({
    method: 'get',
    path: '/api/redescribe/undescribed',
    access: 'key',
    query: z.object({
      pack: z
        .string()
        .max(100)
        .optional()
        .meta({ description: 'Left out: the other pack, or else the one that serves.' }),
      cursor: z
        .uuid()
        .optional()
        .meta({ description: 'Go on after this image: `nextCursor` of the page before.' }),
    }),
    docs: {
      operationId: 'list_undescribed',
      tag: 'bulk',
      summary: 'List images of which a model pack makes nothing, with the reason',
      description: `Ours. At most ${LISTED} at a time, by id; a page may be short while there is a \`nextCursor\`.`,
      answers: { 200: { description: 'The images.', schema: undescribedPage } },
      problems: [400, 409],
    },
    handle: async ({ query, context }) => {
      if (packs === undefined) return notHere()
      const recorded = await packs.readPacks(context)
      const named = query.pack === undefined ? null : await packs.identify(query.pack).catch(faultOfPack)
      if (named !== null && typeof named !== 'string') return named
      const pack = named ?? recorded?.other ?? recorded?.serving ?? null
      if (pack === null) return refuse('PackStateConflict', 'the gallery has no model pack yet')
      const after = (query.cursor ?? null) as ImageId | null
      const list = { packId: pack, after, limit: LISTED }
      const { items, next } = await listUndescribed(galleryOf(context), list, context)
      return ok({ pack, items, ...(next === null ? {} : { nextCursor: next }) })
    },
  })
}

function switchEndpoint(deps: Deps, operations: OperationStore): Endpoint {
  return endpoint({
    method: 'post',
    path: '/api/redescribe/switch',
    access: 'key',
    body: switching,
    docs: {
      operationId: 'switch_pack',
      tag: 'bulk',
      summary: 'Let the other model pack serve: the new one, or the one that served before',
      description: 'Ours. Every search that begins afterwards is by it. The same call goes back.',
      bodyExample: {},
      answers: { 200: { description: 'As it is now.', schema: redescribingView } },
      problems: [400, 409],
    },
    handle: async ({ body, context }) => {
      const { packs: desk, galleryOf } = deps
      if (desk === undefined) return notHere()
      const changing = { gallery: galleryOf(context), operations, desk }
      const changed = await switchPack(changing, { accepts: body.acceptLacking }, context)
      return changed.outcome === 'changed' ? viewed(deps, operations, context) : notChanged(changed)
    },
  })
}

function dropEndpoint(deps: Deps, operations: OperationStore): Endpoint {
  return endpoint({
    method: 'post',
    path: '/api/redescribe/drop',
    access: 'key',
    docs: {
      operationId: 'drop_pack',
      tag: 'bulk',
      summary: 'Drop the descriptors of the model pack that does not serve',
      description:
        'Ours. There is no way back then. They leave the store in the background; an image of which the serving pack makes nothing keeps its own.',
      answers: { 200: { description: 'As it is now.', schema: redescribingView } },
      problems: [409],
    },
    handle: async ({ context }) => {
      const { packs: desk, galleryOf } = deps
      if (desk === undefined) return notHere()
      const changed = await dropPack({ gallery: galleryOf(context), operations, desk }, context)
      return changed.outcome === 'changed' ? viewed(deps, operations, context) : notChanged(changed)
    },
  })
}

async function viewed(
  { galleryOf, packs }: Deps,
  operations: OperationStore,
  context: RequestContext,
): Promise<Reply> {
  if (packs === undefined) return notHere()
  return ok(await viewRedescribing({ gallery: galleryOf(context), operations, packs }, context))
}

function notHere(): Reply {
  return refuse('PackStateConflict', 'this installation cannot be moved to another model pack')
}

/** A pack that is not at hand is the caller's mistake here. */
function faultOfPack(fault: unknown): Reply {
  if (fault instanceof AppError && fault.code === 'E_PACK_INVALID')
    return badParams([{ field: 'pack', msg: 'names no model pack that can be used here' }])
  throw fault
}

function whyNot(begun: Exclude<BeginRedescribingOutcome, { outcome: 'begun' }>): string {
  switch (begun.outcome) {
    case 'serving':
      return `the gallery is of ${begun.packId} already`
    case 'busy':
      return `the gallery has descriptors of ${begun.packId} as well: drop those first`
    case 'under-way':
      return `operation ${begun.id} moves the gallery already`
  }
}

function notChanged(changed: Exclude<ChangePackOutcome, { outcome: 'changed' }>): Reply {
  switch (changed.outcome) {
    case 'no-other':
      return refuse('PackStateConflict', 'the gallery has descriptors of one model pack only')
    case 'under-way':
      return refuse('PackStateConflict', 'an operation is moving the gallery: cancel it, or wait for its end')
    case 'not-loaded': {
      const { packId, processes } = changed
      const msg = `${amount(processes, 'worker')} have not loaded ${packId} yet: it cannot serve before they have`
      return refuse('PackStateConflict', msg, { processes })
    }
    case 'lacking': {
      const msg = `${amount(changed.images, 'image')} lack ${changed.packId} and would not be found: have them described first (semblance redescribe --pack ${changed.packId}), or accept that`
      return refuse('PackStateConflict', msg, { lacking: changed.images })
    }
  }
}
