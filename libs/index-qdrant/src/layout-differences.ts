import type { CollectionLayout } from './collection-layout.ts'

/** A property of the index that its settings ask to be another one. Only a rebuild applies it. */
export interface LayoutDifference {
  /** In words. */
  readonly what: string
  readonly found: number | string
  readonly wanted: number | string
}

type Settable = Omit<CollectionLayout, 'dimensions'>

const IN_WORDS = {
  shardNumber: 'shards',
  replicationFactor: 'replicas of each shard',
  writeConsistencyFactor: 'replicas that must have a write',
  quantization: 'quantization',
} satisfies Record<keyof Settable, string>

/** Settings speak of new collections alone: where one is there already, a changed setting does nothing, or half of it. */
export function layoutDifferences(found: Settable, wanted: Settable): readonly LayoutDifference[] {
  return (Object.keys(IN_WORDS) as (keyof Settable)[])
    .filter((key) => found[key] !== wanted[key])
    .map((key) => ({ what: IN_WORDS[key], found: found[key], wanted: wanted[key] }))
}

/** What settings come to on so many nodes: no more replicas than nodes, and a write waits for no more than there are. */
export function layoutOn<L extends Settable>(nodes: number, asked: L): L {
  const replicationFactor = Math.min(asked.replicationFactor, nodes)
  return {
    ...asked,
    replicationFactor,
    writeConsistencyFactor: Math.min(asked.writeConsistencyFactor, replicationFactor),
  }
}
