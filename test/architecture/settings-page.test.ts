import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { clusterDoctorSchema, standaloneDoctorSchema } from '../../apps/cli/src/cluster-config.ts'
import { gatewayConfigSchema } from '../../apps/gateway/src/config.ts'
import { standaloneConfigSchema } from '../../apps/standalone/src/config.ts'
import { workerConfigSchema } from '../../apps/worker/src/config.ts'

const read = (page: string) => readFileSync(join(import.meta.dirname, '../../docs', page), 'utf8')
const operations = read('operations.md')
const cluster = read('cluster.md')

it('explains every setting of the standalone server, and no other, on the page of operations', () => {
  const explained = [...new Set(operations.match(/\bSEMBLANCE_\w+/g))].toSorted()
  expect(explained).toEqual(Object.keys(standaloneConfigSchema.shape).toSorted())
})

it('explains every setting of a gateway or worker there or on the page of the cluster', () => {
  const names = [gatewayConfigSchema, workerConfigSchema].flatMap((schema) => Object.keys(schema.shape))
  const pages = operations + cluster
  // A row may give one setting in full, and the endings of the others.
  const isExplained = (name: string) =>
    pages.includes(name) ||
    name
      .split('_')
      .some((_, index, parts) => index > 1 && cluster.includes(`\`_${parts.slice(index).join('_')}\``))
  expect([...new Set(names)].filter((name) => !isExplained(name))).toEqual([])
})

it('semblance doctor judges the settings that servers read, and no other', () => {
  const namesOf = (...schemas: readonly { readonly shape: object }[]) =>
    [...new Set(schemas.flatMap(({ shape }) => Object.keys(shape)))].toSorted()
  expect(namesOf(standaloneDoctorSchema)).toEqual(namesOf(standaloneConfigSchema))
  expect(namesOf(clusterDoctorSchema)).toEqual(namesOf(gatewayConfigSchema, workerConfigSchema))
})
