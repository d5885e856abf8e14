/**
 * A machine's step after printing: what a host runs. It needs neither XState nor the code that lowers, so a build can
 * keep the printed form in a file.
 */
import type { Checked } from '../ir/ir.ts'
import { at } from '../text/at.ts'
import { LowerError } from './errors.ts'
import type { Transition } from './machine.ts'

/** Registers by name, and for each region the index of its state. A step changes it in place. */
export type MachineState = Record<string, number>

export interface MachineEvent {
  readonly type: string
  readonly [field: string]: number | string
}

/** An effect for the world to carry out. */
export interface Effect {
  readonly type: string
  readonly params: Readonly<Record<string, number>>
}

/** What identifies a transition, without its guard and actions. */
export type TransitionName = Pick<Transition, 'id' | 'region' | 'source' | 'event' | 'target'>

/** The types of state, event and effect are those of the machine; typed.ts derives them. */
export interface StepFunction<
  S extends MachineState = MachineState,
  E extends { readonly type: string } = MachineEvent,
  F extends Effect = Effect,
> {
  /** Identifies the machine by its behaviour: hexadecimal digits. */
  readonly digest: string
  /** The transitions that the numbers in `fired` mean. */
  readonly transitions: readonly TransitionName[]
  /** The machine's first state: its registers as declared. */
  initial(): S
  /**
   * Changes `state` by one event. Appends effects to `effects` in order, and taken transitions to `fired`. An
   * effect without parameters is a constant, so that nothing else is allocated.
   *
   * @throws LowerError LOWER_NAME for an event that the interface does not know, LOWER_RANGE for an index
   * outside of its list and for a remainder by 0
   */
  step(state: S, event: E, effects: F[], fired: number[]): void
}

/** Returns false for an event that the machine's interface does not know. */
type KnownStep = (...args: Parameters<StepFunction['step']>) => boolean

/** Throws for the check with this number, which `value` failed. */
type Reject = (check: number, value: number) => never

/** A printed step as data, and `load`, the only code in it. */
export interface PrintedStep {
  readonly id: string
  readonly digest: string
  readonly transitions: readonly TransitionName[]
  /** Returns a new object from a literal: V8 then keeps all its fields in the object itself. */
  readonly initial: () => MachineState
  readonly checks: readonly Pick<Checked, 'kind' | 'where' | 'source' | 'most'>[]
  readonly load: (reject: Reject) => KnownStep
}

/** Returns the function that a printed step describes. */
export function loadStep(printed: PrintedStep): StepFunction {
  const { id, digest, transitions, initial, checks } = printed
  const known = printed.load((check, value) => {
    const { kind, where, source, most } = at(checks, check)
    const what =
      kind === 'index'
        ? `item ${value} of a list with items 0 to ${most}`
        : 'a remainder by 0; ask for 0 first'
    throw new LowerError('LOWER_RANGE', where, what, source)
  })
  return {
    digest,
    transitions,
    initial,
    step(state, event, effects, fired) {
      if (!known(state, event, effects, fired))
        throw new LowerError('LOWER_NAME', id, `there is no event '${event.type}' in the interface`)
    },
  }
}
