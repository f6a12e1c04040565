import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeApi, TYPES_FILE } from './describe-api.ts'

writeFileSync(join(import.meta.dirname, '../..', TYPES_FILE), await describeApi())
console.log(`${TYPES_FILE} is what the server describes.`)
