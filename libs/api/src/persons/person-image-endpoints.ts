import { deleteImage, listPersonImages } from '@semblance/core'
import { z } from 'zod'
import type { ApiDeps } from '../api-deps.ts'
import { type Endpoint, endpoint } from '../endpoint/endpoint.ts'
import { noContent, notThere, ok } from '../endpoint/reply.ts'
import { gateField, gateOf } from '../fields/gate-field.ts'
import { imageField } from '../fields/image-field.ts'
import { pageQuery, pageRequestOf } from '../fields/page-query.ts'
import { EXAMPLE_PICTURE } from '../fields/picture-content.ts'
import { labels } from '../fields/text-field.ts'
import { enroll } from './enroll.ts'
import { enrolledImageView } from './enrolled-image-view.ts'
import { imageNotFound, imageParams, personNotFound, personParams } from './person-paths.ts'
import { imagePage, viewImage, viewPage } from './person-view.ts'
import { sendPicture } from './send-picture.ts'
import { imageQuery, pictureQuery, thumbnailOf } from './thumbnail-query.ts'
import { Thumbnails } from './thumbnails.ts'

const IMAGES = '/api/persons/{personId}/images'

const imageToAdd = z
  .object({
    image: imageField,
    quality: gateField.nullish().meta({
      description:
        'Ours: what the face must comply with, or 400 is answered; left out: what the server asks for.',
      example: 'standard',
    }),
    ...labels,
  })
  .meta({ id: 'AddImageToPersonRequest', description: 'Other fields of the contract have no effect.' })

export function personImageEndpoints(deps: ApiDeps): readonly Endpoint[] {
  return [
    endpoint({
      method: 'post',
      path: IMAGES,
      access: 'key',
      deadlineMs: deps.config.enrollDeadlineMs,
      params: personParams,
      body: imageToAdd,
      docs: {
        operationId: 'add_image_to_person',
        tag: 'persons',
        summary: 'Enroll a picture of a person',
        description:
          'Of several faces the most central one counts. Found by every search from the answer on.',
        bodyExample: { image: { content: EXAMPLE_PICTURE } },
        answers: { 200: { description: 'Enrolled.', schema: enrolledImageView } },
        problems: [400, 404],
      },
      handle: ({ params, body, context }) => {
        const gate = gateOf(body.quality, deps.config.enrollmentQuality)
        return enroll(deps, { ...params, image: body.image, gate }, context)
      },
    }),
    ...readEndpoints(deps),
  ]
}

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: a list of routes
function readEndpoints(deps: ApiDeps): readonly Endpoint[] {
  const { galleryOf } = deps
  const thumbnails = new Thumbnails(deps)
  return [
    endpoint({
      method: 'get',
      path: IMAGES,
      access: 'key',
      params: personParams,
      query: pageQuery,
      docs: {
        operationId: 'get_all_images_by_person_id',
        tag: 'persons',
        summary: 'List the pictures of a person',
        answers: { 200: { description: 'Newest first.', schema: imagePage } },
        problems: [400, 404],
      },
      handle: async ({ params, query, context }) => {
        const request = pageRequestOf(query)
        const page = await listPersonImages(
          galleryOf(context),
          { personId: params.personId, request },
          context,
        )
        if (page === null) return personNotFound()
        return ok(viewPage(page, (image) => viewImage(image, context.baseUrl)))
      },
    }),
    endpoint({
      method: 'get',
      path: `${IMAGES}/{imageId}`,
      access: 'key',
      deadlineMs: deps.config.enrollDeadlineMs,
      params: imageParams,
      query: imageQuery,
      docs: {
        operationId: 'get_image_of_person',
        tag: 'persons',
        summary: 'Download a picture, or a small copy of it',
        answers: {
          200: {
            description: 'The bytes as enrolled, whatever Accept says; with `size`, a JPEG.',
            contentType: 'image/*',
          },
        },
        problems: [400, 404],
      },
      handle: ({ params, query, context }) => {
        const wanted = thumbnailOf(query)
        if (wanted === null) return sendPicture(galleryOf(context), params, context)
        return thumbnails.send(params, wanted, context)
      },
    }),
    endpoint({
      method: 'get',
      path: '/api/persons/{personId}/picture',
      access: 'key',
      deadlineMs: deps.config.enrollDeadlineMs,
      params: personParams,
      query: pictureQuery,
      docs: {
        operationId: 'get_picture_of_person',
        tag: 'persons',
        summary: 'A small copy of a picture of a person',
        description: 'Ours. The newest picture that can be shown; 404 if the person has none.',
        answers: { 200: { description: 'A JPEG.', contentType: 'image/jpeg' } },
        problems: [400, 404],
      },
      handle: ({ params, query, context }) => thumbnails.sendOfPerson(params.personId, query, context),
    }),
    endpoint({
      method: 'delete',
      path: `${IMAGES}/{imageId}`,
      access: 'key',
      params: imageParams,
      docs: {
        operationId: 'delete_image_of_person',
        tag: 'persons',
        summary: 'Delete a picture',
        answers: { 204: { description: 'Gone, and found by no search from now on.' } },
        problems: [400, 404],
      },
      handle: async ({ params, context }) => {
        const { outcome } = await deleteImage(galleryOf(context), params)
        if (outcome === 'deleted') return noContent
        return notThere(context, outcome === 'person-not-found' ? personNotFound() : imageNotFound())
      },
    }),
  ]
}
