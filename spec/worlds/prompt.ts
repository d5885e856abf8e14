/**
 * Prompt worlds: models without faults and without timers, over a network that keeps the order and has room for every
 * packet. Nothing is lost there, and nothing is sent twice.
 */
import type { Range } from '../../checker/trace/model.ts'

/** The bound that makes the world of a model prompt. */
export const promptBound: { readonly prompt: Range & { readonly what: string; readonly deep: number } } = {
  prompt: {
    what: '1: no faults and no timers; only promptness is checked',
    default: 0,
    deep: 0,
    min: 0,
    max: 1,
  },
}

/** Packets that the network holds: more than are ever on their way in the prompt worlds that are explored. */
const ROOM = 8

/** The bounds of a prompt world of flows. */
export const promptBounds = { prompt: 1, capacity: ROOM, loss: 0, duplication: 0, reordering: 0 } as const

interface Kinds {
  readonly kind: string
  readonly timer?: true
}

/** Returns the rules of a prompt world: those that are neither faults nor timers. */
export const promptRules = <Rule extends Kinds>(rules: readonly Rule[]): Rule[] =>
  rules.filter(({ kind, timer }) => kind !== 'fault' && timer !== true)
