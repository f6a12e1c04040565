/** No logit counts more than this: the networks saturate there. */
const MAX_LOGIT = 10

/** ln(p / (1 - p)) of a probability of a face, -10 to 10. */
export function logitOf(probability: number): number {
  return boundedLogit(Math.log(probability / (1 - probability)))
}

/** What is no number, as a broken network gives, is no face. */
export function boundedLogit(logit: number): number {
  return Number.isNaN(logit) ? -MAX_LOGIT : Math.min(MAX_LOGIT, Math.max(-MAX_LOGIT, logit))
}
