import {
  type ComparedPictureResult,
  type ComparePayload,
  type CompareResult,
  type PictureSource,
  runJob,
} from '@semblance/jobs'
import type { ApiDeps } from '../api-deps.ts'
import type { RequestContext } from '../endpoint/endpoint.ts'
import { jobOriginOf } from '../endpoint/job-origin.ts'
import { ok, type Reply } from '../endpoint/reply.ts'
import { RESULT_CODES } from '../endpoint/result-codes.ts'
import type { ImageInput } from '../fields/image-field.ts'
import { isPassingProblem } from '../pictures/picture-problem.ts'
import { withPictures } from '../pictures/with-picture.ts'
import { observeCompare } from '../search/observe-search.ts'
import { viewReach } from '../search/search-scope.ts'
import type { MatchImageInput } from './match-request.ts'
import {
  type FaceOptions,
  type MatchedPictureView,
  type MatchResultView,
  viewComparison,
  viewPicture,
} from './match-view.ts'
import { type PlannedImage, planMatch } from './plan-match.ts'

const NO_PAIR = 'there are no two faces to compare'

export interface Match extends Pick<ComparePayload, 'crop' | 'search'> {
  readonly images: readonly MatchImageInput[]
  readonly asThumbnails: boolean
}

/** Compares pictures and, if the match says whom to look for, searches; whatever is wrong is answered with 200 and a code. */
export async function runMatch(deps: ApiDeps, match: Match, context: RequestContext): Promise<Reply> {
  const plan = planMatch(match.images, deps.config.matchImagesPerType)
  if (plan.outcome === 'refused') return failed(plan.code, plan.msg)
  const sent = plan.images.filter(isSent)
  const result = await compare(deps, { match, sent }, context)
  if (result.outcome === 'too-many-pairs') {
    const { pairs, maxPairs } = result
    return failed(RESULT_CODES.badRequest, `faces make ${pairs} pairs; at most ${maxPairs} are compared`)
  }
  if (match.search !== null) observeCompare(deps.metrics, result)
  const found = result.pictures.values()
  const options: FaceOptions = { asThumbnails: match.asThumbnails, baseUrl: context.baseUrl }
  const detections = plan.images.map((image) =>
    viewPicture(image, isSent(image) ? (found.next().value ?? null) : null, options),
  )
  const results = result.comparisons.map((comparison) => viewComparison(comparison, sent))
  const code = codeOf(detections, match.search !== null || results.length > 0)
  const why = code === RESULT_CODES.notMatched ? NO_PAIR : detections[0]?.msg
  const msg = code === RESULT_CODES.ok || why === undefined ? {} : { msg: why }
  const reach = viewReach(result.reach)
  const view: MatchResultView = { code, ...msg, detections, results, elapsedTime: result.elapsedMs, ...reach }
  return result.pictures.some(isPassing) ? { ...ok(view), isPassing: true } : ok(view)
}

/** Whether another try may tell more of the picture. */
function isPassing(picture: ComparedPictureResult): boolean {
  return picture.outcome === 'link-refused' && isPassingProblem(picture)
}

/** Both arrays are always there: clients fail without them. */
export function failed(code: number, msg: string): Reply {
  const view: MatchResultView = { code, msg, detections: [], results: [] }
  return ok(view)
}

type SentImage = PlannedImage & { readonly image: ImageInput }

function isSent(planned: PlannedImage): planned is SentImage {
  return planned.image !== null
}

async function compare(
  deps: ApiDeps,
  { match, sent }: { readonly match: Match; readonly sent: readonly SentImage[] },
  context: RequestContext,
): Promise<CompareResult> {
  const { crop, search } = match
  if (sent.length === 0) return { outcome: 'compared', pictures: [], comparisons: [], elapsedMs: 0 }
  const payloadOf = (sources: readonly PictureSource[]): ComparePayload => ({
    ...jobOriginOf(context),
    pictures: sources.map((picture, place) => {
      const { faces, isComparedWithin } = sent[place] as SentImage
      return { picture, faces, isComparedWithin }
    }),
    crop,
    search,
  })
  const task = (sources: readonly PictureSource[]) =>
    runJob(
      deps.queue,
      { job: 'compare', payload: payloadOf(sources), deadlineMs: deps.config.searchDeadlineMs },
      context,
    )
  const images = sent.map(({ image }) => image)
  return withPictures(deps.inFlight, images, { signal: context.signal, task })
}

/** @param isFaceEnough a single face is worth an answer, since it was searched, or since there are pairs */
function codeOf(detections: readonly MatchedPictureView[], isFaceEnough: boolean): number {
  const hasFace = detections.some(({ faces }) => faces.length > 0)
  if (!hasFace) return detections[0]?.status ?? RESULT_CODES.noFace
  return isFaceEnough ? RESULT_CODES.ok : RESULT_CODES.notMatched
}
