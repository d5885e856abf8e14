/** How much the network loses, and which faults happen beside that. */
import type { PlanFaults } from '../plan.ts'
import type { Family } from './fault.ts'

const MILD = {
  ...{ loss: 0.02, duplication: 0.01, corruption: 0.005 },
  ...{ reordering: 0.05, reorderMs: 20, jitterMs: 5 },
}

interface Level {
  /** The largest values that plans draw. */
  readonly most: PlanFaults
  readonly families: readonly Family[]
}

export const LEVELS = {
  none: {
    most: { loss: 0, duplication: 0, corruption: 0, reordering: 0, reorderMs: 0, jitterMs: 0 },
    families: [],
  },
  mild: { most: MILD, families: ['hosts'] },
  harsh: {
    most: {
      ...{ loss: 0.3, duplication: 0.15, corruption: 0.05 },
      ...{ reordering: 0.3, reorderMs: 120, jitterMs: 60 },
    },
    families: ['hosts'],
  },
  narrow: { most: MILD, families: ['hosts', 'narrow'] },
  'one-way': { most: MILD, families: ['hosts', 'one-way'] },
  queues: { most: MILD, families: ['hosts', 'queues'] },
  nat: { most: MILD, families: ['hosts', 'nat'] },
  clocks: { most: MILD, families: ['hosts', 'clocks'] },
  all: { most: MILD, families: ['hosts', 'narrow', 'one-way', 'queues', 'nat', 'clocks'] },
} as const satisfies Readonly<Record<string, Level>>

export type FaultLevel = keyof typeof LEVELS

export const FAULT_LEVELS = Object.keys(LEVELS) as readonly FaultLevel[]
