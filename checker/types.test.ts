/** The types of the checker's API. `tsc` judges them; that the test runs proves nothing more. */
import { expectTypeOf, test } from 'vitest'
import { bits } from './lower/value.ts'
import { lowerWorld } from './lower/world.ts'
import type { InvariantSpec, RecoverySpec, RuleSpec, WorldSpec } from './lower/worldSpec.ts'
import { type Exploration, type ExploreOptions, explore } from './search/explore.ts'
import type { State, Step, Walk } from './search/walk.ts'

const shape = { door: { open: bits(1) }, queue: [bits(2), bits(2)], limit: 3 } as const

test('rules and properties see the variables of their shape as numbers', () => {
  type Spec = WorldSpec<typeof shape>
  type Seen = Spec['invariants'][number] extends InvariantSpec<infer W> ? W : never
  expectTypeOf<Seen['door']['open']>().toEqualTypeOf<number>()
  expectTypeOf<Seen['limit']>().toEqualTypeOf<number>()
  expectTypeOf<Seen['did']>().toEqualTypeOf<Record<string, number>>()
  expectTypeOf<Seen>().not.toHaveProperty('window')
  expectTypeOf<RuleSpec<Seen>['kind']>().toEqualTypeOf<'protocol' | 'environment' | 'fault'>()
  expectTypeOf(lowerWorld).parameter(0).toHaveProperty('machines')
})

test('a world takes no rule or property of another shape, and its step has only the cells of did', () => {
  type Spec = WorldSpec<typeof shape, 'told'>
  expectTypeOf<RuleSpec<{ window: number }>>().not.toExtend<Spec['rules'][number]>()
  expectTypeOf<InvariantSpec<{ window: number }>>().not.toExtend<Spec['invariants'][number]>()
  expectTypeOf<RuleSpec<{ limit: number; did: { told: number } }>>().toExtend<Spec['rules'][number]>()
  expectTypeOf<RuleSpec<{ did: { heard: number } }>>().not.toExtend<Spec['rules'][number]>()
})

test('a property of states reads no cells of a step', () => {
  type Spec = WorldSpec<typeof shape, 'told'>
  type Told = { did: { told: number } }
  expectTypeOf<InvariantSpec<Told>>().toExtend<Spec['invariants'][number]>()
  expectTypeOf<RecoverySpec<{ limit: number }>>().toExtend<Spec['recoveries'][number]>()
  expectTypeOf<RecoverySpec<Told>>().not.toExtend<Spec['recoveries'][number]>()
  expectTypeOf<(w: Told) => boolean>().not.toExtend<Spec['final']>()
  type Endless = NonNullable<Spec['liveness']>[number]
  expectTypeOf<{ id: string; ends: (w: { limit: number }) => boolean }>().toExtend<Endless>()
  expectTypeOf<{ id: string; ends: (w: Told) => boolean }>().not.toExtend<Endless>()
})

test('a search resolves to a verdict, and takes options that all have defaults', () => {
  expectTypeOf(explore).returns.resolves.toEqualTypeOf<Exploration>()
  expectTypeOf<Exploration['verdict']>().toEqualTypeOf<'holds' | 'violated' | 'incomplete'>()
  expectTypeOf<Record<never, never>>().toExtend<ExploreOptions>()
  expectTypeOf<{ workers: string }>().not.toExtend<ExploreOptions>()
})

test('a walk takes a state and a rule, and returns the step', () => {
  expectTypeOf<Walk['take']>().toEqualTypeOf<(state: State, rule: number) => Step>()
  expectTypeOf<Step['failed']>().toEqualTypeOf<readonly string[]>()
})
