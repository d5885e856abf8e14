/** What lowering says of a machine with one thing in it that it refuses. */
import { type AnyStateMachine, setup } from 'xstate'
import { LowerError } from '../errors.ts'
import { stepFunction } from '../standalone.ts'
import { lower } from '../step.ts'

export interface Parts {
  readonly guards?: object
  readonly actions?: object
  readonly context?: unknown
  /** Of state HERE; THERE is its neighbour. */
  readonly here?: object
  readonly there?: object
  readonly states?: object
  readonly region?: object
  readonly root?: object
}

/** A machine of the regions `left` (HERE, THERE) and `right` (ONE, TWO), with what is to be refused put in. */
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
  } as never) as never

export function refusal(m: AnyStateMachine, scope: Readonly<Record<string, unknown>> = {}): LowerError {
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
