export { type ClientOptions, createSemblanceClient, type SemblanceClient } from './create-client.ts'
export type { components, paths } from './description.ts'
export { answerOf, SemblanceProblem } from './problem.ts'
