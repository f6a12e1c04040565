import { type DetectResult, type PictureSource, runJob } from '@semblance/jobs'
import type { ApiDeps } from '../api-deps.ts'
import { type Endpoint, endpoint, type RequestContext } from '../endpoint/endpoint.ts'
import { jobOriginOf } from '../endpoint/job-origin.ts'
import { ok, type Reply } from '../endpoint/reply.ts'
import { RESULT_CODES } from '../endpoint/result-codes.ts'
import { EXAMPLE_PICTURE } from '../fields/picture-content.ts'
import { explainProblem, NO_FACE, replyToProblem } from '../pictures/picture-problem.ts'
import { withPicture } from '../pictures/with-picture.ts'
import { type DetectPlan, planDetection } from './detect-plan.ts'
import { type DetectInput, detectRequest } from './detect-request.ts'
import { type DetectResultView, detectResultView, viewDetectedFace } from './detect-view.ts'

export function detectEndpoint(deps: ApiDeps): Endpoint {
  return endpoint({
    method: 'post',
    path: '/api/detect',
    access: 'key',
    deadlineMs: deps.config.searchDeadlineMs,
    body: detectRequest,
    // The contract answers every problem of a detection with 200 and a code.
    malformedBody: (msg, fields) =>
      answer({ code: fields.includes('image') ? RESULT_CODES.noPicture : RESULT_CODES.badRequest, msg }),
    docs: {
      operationId: 'detect',
      tag: 'search',
      summary: 'Where are the faces, and what do they look like?',
      description:
        'Boxes, landmarks and, if asked for, upright crops, portrait quality, age and expression. Nothing is stored. Whatever is wrong is answered with 200 and a code.',
      bodyExample: { image: EXAMPLE_PICTURE, processParam: { scenario: 'QualityICAO' } },
      answers: { 200: { description: 'See code.', schema: detectResultView } },
      problems: [],
    },
    handle: async ({ body, context }) => {
      const plan = planDetection(body)
      const result = await detect(deps, { input: body, plan }, context)
      return replyToDetect(result, { input: body, plan })
    },
  })
}

interface Detection {
  readonly input: DetectInput
  readonly plan: DetectPlan
}

function detect(deps: ApiDeps, { input, plan }: Detection, context: RequestContext): Promise<DetectResult> {
  const names = plan.attributes ?? []
  const attributes = [
    ...(names.includes('Age') ? (['age'] as const) : []),
    ...(names.includes('Emotion') ? (['emotion'] as const) : []),
  ]
  const { onlyCentralFace, crop, quality } = plan
  const payload = { ...jobOriginOf(context), onlyCentralFace, crop, quality, attributes }
  const task = (picture: PictureSource) =>
    runJob(
      deps.queue,
      { job: 'detect', payload: { ...payload, picture }, deadlineMs: deps.config.searchDeadlineMs },
      context,
    )
  return withPicture(deps.inFlight, input.image, { signal: context.signal, task })
}

function replyToDetect(result: DetectResult, { input, plan }: Detection): Reply {
  const scenario = input.processParam?.scenario ?? undefined
  switch (result.outcome) {
    case 'detected': {
      const detections = result.faces.map((face) => viewDetectedFace(face, plan.attributes))
      return answer({ code: RESULT_CODES.ok, detections, scenario, elapsedTime: result.elapsedMs })
    }
    case 'no-face':
      return answer({ code: RESULT_CODES.noFace, msg: NO_FACE, scenario })
    case 'undecodable':
    case 'too-many-pixels':
    case 'link-refused': {
      const { code, msg } = explainProblem(result)
      return replyToProblem(result, answer({ code, msg, scenario }))
    }
  }
}

interface Answer {
  readonly code: number
  readonly msg?: string | undefined
  readonly detections?: DetectResultView['results']['detections']
  readonly scenario?: string | undefined
  readonly elapsedTime?: number | undefined
}

/** `detections` is always there: clients fail on results without it. */
function answer({ code, msg, detections = [], scenario, elapsedTime }: Answer): Reply {
  const view: DetectResultView = {
    code,
    ...(msg === undefined ? {} : { msg }),
    results: {
      detections,
      ...(scenario === undefined ? {} : { scenario }),
      ...(elapsedTime === undefined ? {} : { elapsedTime }),
    },
  }
  return ok(view)
}
