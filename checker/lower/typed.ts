/** The types of a machine's states, events and effects, derived from its definition. */

import type { AnyStateMachine, ContextFrom, StateSchemaFrom } from 'xstate'
import type { StepFunction } from './printed.ts'

/** The fields of each event, by the event's type. */
export type EventTable = Readonly<Record<string, readonly string[]>>

type Typed = { readonly type: string }
type Numbers<Names extends PropertyKey> = { readonly [N in Names]: number }

/** The events of a table: each with exactly its fields. */
export type EventOf<Table extends EventTable> = {
  [T in keyof Table & string]: { readonly type: T } & Numbers<Table[T][number]>
}[keyof Table & string]

/** One record with the fields of all events of a table. It may be used again for every event. */
export type AnyEventOf<Table extends EventTable> = { type: keyof Table & string } & {
  -readonly [N in Table[keyof Table][number]]: number
}

/** The names of the states of each region. A machine without regions is one, which has the machine's name. */
export type StatesOf<M extends AnyStateMachine> =
  StateSchemaFrom<M> extends { readonly id: infer Id extends string; readonly states: infer States }
    ? States extends Readonly<Record<string, { readonly states: object }>>
      ? { [Region in keyof States & string]: keyof States[Region]['states'] & string }
      : { [Region in Id]: keyof States & string }
    : never

/** The registers, and for each region the number of its state. */
export type StateOf<M extends AnyStateMachine> = {
  -readonly [Name in keyof ContextFrom<M> | keyof StatesOf<M>]: number
}

type ParamsOf<Action> = Action extends (args: never, params: infer P) => void
  ? unknown extends P
    ? Numbers<never>
    : Numbers<keyof P>
  : never

/** The effects that a machine's `setup` names, each with exactly its parameters. */
export type EffectOf<Actions extends object> = {
  [T in keyof Actions & string]: { readonly type: T; readonly params: ParamsOf<Actions[T]> }
}[keyof Actions & string]

/** Returns the numbers of the states of each region, by name. */
export function numbersOf<M extends AnyStateMachine>(
  machine: M,
): { readonly [Region in keyof StatesOf<M>]: Readonly<Record<StatesOf<M>[Region] & string, number>> } {
  const { root } = machine
  const regions = root.type === 'parallel' ? Object.values(root.states) : [root]
  const numbered = regions.map(({ key, states }) => [
    key,
    Object.fromEntries(Object.keys(states).map((name, number) => [name, number])),
  ])
  return Object.fromEntries(numbered)
}

type StateIn<M> = M extends () => StepFunction<infer S, infer _E, infer _F> ? S : never
type EventIn<M> = M extends () => StepFunction<infer _S, infer E, infer _F> ? E : never
type EffectIn<M> = M extends () => StepFunction<infer _S, infer _E, infer F> ? F : never

/** The fields of an event as an argument, which is left out where there are none. */
type FieldsOf<E extends Typed, T> =
  Omit<Extract<E, { readonly type: T }>, 'type'> extends infer Fields
    ? keyof Fields extends never
      ? []
      : [fields: Fields]
    : never

/** The signature of `step` and `can`, which lowering replaces, for machines by the names that rules use. */
export type Uses<M extends object, Result> = <
  Name extends keyof M & string,
  T extends EventIn<M[Name]>['type'],
>(
  machine: Name,
  self: StateIn<M[Name]>,
  event: T,
  ...fields: FieldsOf<EventIn<M[Name]>, T>
) => Result

/** A world's handlers for the effects of a machine, one for each. `Self` is the type of the machine's place in the world. */
export type Handlers<M, W, Self> = {
  readonly [T in EffectIn<M>['type']]: (
    w: W,
    self: Self,
    params: Extract<EffectIn<M>, { readonly type: T }>['params'],
  ) => void
}

/** Marks what no effect reaches. It does not compile when one is missing in the cases before. */
export const none = (effect: never): never => {
  throw new Error(`there is nobody to carry out the effect ${JSON.stringify(effect)}`)
}
