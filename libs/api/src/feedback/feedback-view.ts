import { FEEDBACK_VERDICTS, type Feedback } from '@semblance/core'
import { z } from 'zod'

const id = z.string().meta({ format: 'uuid', example: '01936a5c-7e1d-7c3a-9f52-6d0a4b1c8e77' })

export const feedbackView = z
  .object({
    id,
    personId: id.meta({ description: 'After a merge, the one who stays.' }),
    imageId: id.meta({
      description: 'The enrolled image that was compared; it may have been deleted since.',
    }),
    distance: z.number().meta({ description: 'As the search told it, 0..2.', example: 0.91 }),
    verdict: z.enum(FEEDBACK_VERDICTS),
    requestId: z.string().optional().meta({ description: 'Of the search, if it was named.' }),
    createdAt: z.string().meta({ format: 'date-time', example: '2026-11-24T09:30:00.000Z' }),
  })
  .meta({ id: 'Feedback' })

export const feedbackPage = z
  .object({
    items: z.array(feedbackView),
    nextCursor: z
      .string()
      .optional()
      .meta({ description: 'To be sent as `cursor` for what comes next; left out at the end.' }),
  })
  .meta({ id: 'FeedbackPage' })

export function viewFeedback(feedback: Feedback): z.infer<typeof feedbackView> {
  const { requestId, createdAt, ...given } = feedback
  return {
    ...given,
    ...(requestId === null ? {} : { requestId }),
    createdAt: new Date(createdAt).toISOString(),
  }
}
