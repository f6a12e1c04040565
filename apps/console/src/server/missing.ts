import { SemblanceProblem } from '@semblance/client'

/**
 * Whether the server itself says that such a thing is not there (any more). The status alone does not tell: a proxy that
 * has lost its way answers 404 as well.
 */
export function isMissing(
  error: unknown,
  type: 'PersonNotFound' | 'ImageNotFound' | 'FeedbackNotFound',
): boolean {
  return error instanceof SemblanceProblem && error.status === 404 && error.type === type
}
