/** What must not compile between machines and those who use them. The compiler judges; nothing here has to run. */
import { expectTypeOf, test } from 'vitest'
import { type EventOf, none, type StatesOf } from '../../checker/lower/typed.ts'
import type { FlowEffect, FlowState } from '../machines/flow/compiled.ts'
import type { AnyFlowEvent, FlowEvent } from '../machines/flow/events.ts'
import type { flowMachine } from '../machines/flow/machine.ts'
import type { Packet } from '../machines/flow/packets.ts'
import { CONNECTION, type MIGRATION } from '../machines/flow/states.ts'
import { flowStep } from '../machines/flow/step.ts'
import type { ListenerEffect, ListenerState } from '../machines/listener/compiled.ts'
import { listenerStep } from '../machines/listener/step.ts'
import { can, type EffectsOf, step } from './machines.ts'

/** Compiles its body, and does not run it. */
const compiles = (_body: () => void): void => {}

declare const flow: FlowState
declare const listener: ListenerState

test('states are those of the machine', () => {
  expectTypeOf<StatesOf<typeof flowMachine>['migration']>().toEqualTypeOf<
    'INITIAL' | 'RSYN_SENT' | 'RSYN_RECV' | 'RSYN_SENT_RECV'
  >()
  expectTypeOf<keyof typeof MIGRATION>().toEqualTypeOf<StatesOf<typeof flowMachine>['migration']>()
  expectTypeOf<keyof ListenerState>().toEqualTypeOf<'backlog' | 'queue' | 'pending' | 'ready' | 'listener'>()
  // @ts-expect-error: a misspelt state
  compiles(() => CONNECTION.CONECTED)
  // @ts-expect-error: a misspelt register
  compiles(() => flow.sndNext)
})

test('a step takes events of the machine, with exactly their fields', () => {
  expectTypeOf<Extract<FlowEvent, { type: 'MOVE' }>>().toExtend<{ type: 'MOVE'; address: number }>()
  expectTypeOf<EventOf<{ A: ['x']; B: [] }>>().toExtend<{ type: 'A'; x: number } | { type: 'B' }>()
  compiles(() => flowStep().step(flow, { type: 'MOVE', address: 1 }, [], []))
  // @ts-expect-error: a misspelt event
  compiles(() => flowStep().step(flow, { type: 'MOEV', address: 1 }, [], []))
  // @ts-expect-error: a misspelt field
  compiles(() => flowStep().step(flow, { type: 'MOVE', adress: 1 }, [], []))
  // @ts-expect-error: without its field
  compiles(() => flowStep().step(flow, { type: 'MOVE' }, [], []))
  // @ts-expect-error: a field that it does not have
  compiles(() => flowStep().step(flow, { type: 'CLOSE', address: 1 }, [], []))
  // @ts-expect-error: an event of another machine
  compiles(() => flowStep().step(flow, { type: 'ESTABLISHED' }, [], []))
  // @ts-expect-error: the state of another machine
  compiles(() => listenerStep().step(flow, { type: 'ACCEPT' }, [], []))
})

test('one record that is used again serves every event, and rejects a misspelt one', () => {
  expectTypeOf<AnyFlowEvent>().toExtend<FlowEvent>()
  compiles(() => {
    const event = {} as AnyFlowEvent
    event.type = 'DATA'
    // @ts-expect-error: a misspelt event
    event.type = 'DATUM'
    flowStep().step(flow, event, [], [])
  })
})

test('effects come out by name, with exactly their parameters', () => {
  expectTypeOf<Extract<FlowEffect, { type: 'transmit' }>['params']>().toEqualTypeOf<Packet>()
  expectTypeOf<Extract<FlowEffect, { type: 'notify' }>['params']>().toEqualTypeOf<{
    readonly notice: number
  }>()
  expectTypeOf<ListenerEffect['type']>().toEqualTypeOf<'admit' | 'repeat' | 'answer' | 'confirm' | 'refuse'>()
})

test('a switch that leaves an effect out does not compile', () => {
  expectTypeOf(none).parameter(0).toBeNever()
  compiles(() => {
    const { type } = {} as ListenerEffect
    switch (type) {
      case 'admit':
      case 'repeat':
      case 'answer':
      case 'confirm':
        break
      default:
        // @ts-expect-error: 'refuse' is missing
        none(type)
    }
  })
})

test('rules of worlds name machines and events that are there', () => {
  expectTypeOf(can<'listener', 'ACCEPT'>).returns.toBeBoolean()
  compiles(() => step('flow', flow, 'MOVE', { address: 1 }))
  compiles(() => can('listener', listener, 'ACCEPT'))
  // @ts-expect-error: a misspelt machine
  compiles(() => step('flwo', flow, 'CLOSE'))
  // @ts-expect-error: a misspelt event
  compiles(() => can('flow', flow, 'CLOES'))
  // @ts-expect-error: a misspelt field
  compiles(() => step('flow', flow, 'MOVE', { adress: 1 }))
  // @ts-expect-error: without its field
  compiles(() => step('flow', flow, 'MOVE'))
  // @ts-expect-error: a place of another machine
  compiles(() => step('flow', listener, 'CLOSE'))
})

test('a world that leaves an effect out does not compile', () => {
  const handled = { admit() {}, repeat() {}, answer() {}, confirm() {} }
  expectTypeOf({ ...handled, refuse() {} }).toExtend<EffectsOf<'listener', object, ListenerState>>()
  expectTypeOf(handled).not.toExtend<EffectsOf<'listener', object, ListenerState>>()
})
