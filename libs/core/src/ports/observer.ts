/** Parts of a job whose times are worth a metric. */
export type Stage =
  | 'fetch'
  | 'decode'
  | 'detect'
  | 'landmarks'
  | 'describe'
  | 'crop'
  | 'measure'
  | 'attributes'
  | 'index'
  | 'hydrate'
  | 'store'

/** This is told how long a stage took, and must not throw. */
export type ObserveStage = (stage: Stage, seconds: number) => void
