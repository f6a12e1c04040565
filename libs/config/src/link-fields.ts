import { isAbsolute, resolve } from 'node:path'
import { type Field, field } from './fields.ts'

/** A folder, but not the top one, which would open everything. */
export function absoluteFolder(): Field<string> {
  return field('the absolute path of a folder, not of the top one', (given) =>
    isAbsolute(given) && resolve(given) !== resolve('/') ? given : undefined,
  )
}

/** A bucket of S3 or of Google Cloud Storage by its name alone: no link, no path, no pattern. */
export function bucketName(): Field<string> {
  return field('the name of a bucket', (given) =>
    /^[a-z\d][a-z\d._-]{1,220}[a-z\d]$/.test(given) ? given : undefined,
  )
}
