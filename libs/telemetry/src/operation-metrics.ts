import { Counter, type Registry } from 'prom-client'

/** What is done to the gallery in the background. */
export interface OperationMetrics {
  /** A step of an operation of this kind has ended: persons were deleted, or images compared. */
  countOperationStep(kind: string, units: number): void
  countOperationEnd(kind: string, state: 'done' | 'failed'): void
  /** A step of an operation of this kind failed; it is tried again. */
  countOperationFault(kind: string): void
}

export function createOperationMetrics(registry: Registry): OperationMetrics {
  const units = new Counter({
    name: 'semblance_operation_units_total',
    help: 'Persons that were deleted, or images that were compared, by long operations.',
    labelNames: ['kind'],
    registers: [registry],
  })
  const ended = new Counter({
    name: 'semblance_operations_ended_total',
    help: 'Long operations that came to their end, by how.',
    labelNames: ['kind', 'state'],
    registers: [registry],
  })
  const faults = new Counter({
    name: 'semblance_operation_faults_total',
    help: 'Steps of long operations that failed and were tried again.',
    labelNames: ['kind'],
    registers: [registry],
  })
  const labelOf = (kind: string) => kind.replaceAll('-', '_')
  return {
    countOperationStep: (kind, count) => units.inc({ kind: labelOf(kind) }, count),
    countOperationEnd: (kind, state) => ended.inc({ kind: labelOf(kind), state }),
    countOperationFault: (kind) => faults.inc({ kind: labelOf(kind) }),
  }
}
