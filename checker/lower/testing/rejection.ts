/** Returns lowering's rejection of a machine with one forbidden part. */
import { type AnyStateMachine, setup } from 'xstate'
import { LowerError } from '../errors.ts'
import { stepFunction } from '../standalone.ts'
import { lower } from '../step.ts'

export interface Parts {
  readonly guards?: object
  readonly actions?: object
  readonly context?: unknown
  /** Parts of state HERE, whose neighbour is THERE. */
  readonly here?: object
  readonly there?: object
  readonly states?: object
  readonly region?: object
  readonly root?: object
}

/** A machine of the regions `left` (HERE, THERE) and `right` (ONE, TWO), with the forbidden part in it. */
export const machine = (p: Parts): AnyStateMachine =>
  setup({ guards: p.guards, actions: p.actions } as never).createMachine({
    id: 'm',
    type: 'parallel',
    context: p.context ?? { a: 0, b: 0 },
    states: {
      left: {
        initial: 'HERE',
        states: { HERE: p.here ?? {}, THERE: p.there ?? {}, ...p.states },
        ...p.region,
      },
      right: { initial: 'ONE', states: { ONE: {}, TWO: {} } },
    },
    ...p.root,
  })

export function rejection(m: AnyStateMachine, scope: Readonly<Record<string, unknown>> = {}): LowerError {
  try {
    stepFunction(lower(m, scope), { fields: { GO: ['x'] } })
  } catch (error) {
    if (error instanceof LowerError) return error
    throw error
  }
  throw new Error('the machine was lowered')
}

/** The only event. */
export const on = (transition: object) => ({ on: { GO: transition } })
