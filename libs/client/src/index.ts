export { type ClientOptions, createSemblanceClient, type SemblanceClient } from './create-client.ts'
export type { components, paths } from './description.ts'
export { answerOf, problemOf, SemblanceProblem } from './problem.ts'
