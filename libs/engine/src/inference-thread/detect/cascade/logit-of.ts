/** No logit counts more than this: the networks saturate there. */
const MAX_LOGIT = 10

/** ln(p / (1 - p)) of a probability of a face, -10 to 10. */
export function logitOf(probability: number): number {
  const isSure = probability >= 1
  return isSure ? MAX_LOGIT : boundedLogit(Math.log(probability / (1 - probability)))
}

export function boundedLogit(logit: number): number {
  return Math.min(MAX_LOGIT, Math.max(-MAX_LOGIT, logit))
}
