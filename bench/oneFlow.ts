/** One flow alone under a fixed set of events: a model small enough for `xstate/graph`. */

import { bits } from '../checker/lower/value.ts'
import { can, lowerWorld, step } from '../checker/lower/world.ts'
import { must } from '../checker/text/at.ts'
import { flow, flowScope } from '../spec/machines/flow/compiled.ts'
import { EVENT_FIELDS, type FlowEvent } from '../spec/machines/flow/events.ts'
import { flowMachine } from '../spec/machines/flow/machine.ts'
import { initialRegisters } from '../spec/machines/flow/registers.ts'

const SPACE = 256

/** An event with every field that its kind has; those not given are 0. */
const event = (type: FlowEvent['type'], given: Readonly<Record<string, number>> = {}) => ({
  type,
  ...Object.fromEntries(EVENT_FIELDS[type].map(name => [name, given[name] ?? 0])),
})

const fromPeer = { nonce: 2, srcFlow: 2, dstFlow: 1, to: 1, from: 3 }

/** Enough to connect, move, be moved and close, with version numbers that match now and then. */
export const events = [
  event('CONNECT', { flow: 1, nonce: 1, verno: 14, from: 1, to: 3 }),
  event('SYNACK', { ...fromPeer, verno: 9, ackno: 15 }),
  ...[15, 0, 1].map(ackno => event('ACK', { ...fromPeer, verno: 10, ackno })),
  ...[0, 1].map(ackno => event('RSYNACK', { ...fromPeer, verno: 10, ackno, to: 2 })),
  ...[10, 11].map(verno => event('RSYN', { ...fromPeer, verno, ackno: 15, from: 4 })),
  event('ACK', { ...fromPeer, verno: 11, ackno: 15, from: 4 }),
  event('FIN', { ...fromPeer, verno: 10, ackno: 0 }),
  event('MOVE', { address: 2 }),
  event('MOVE', { address: 1 }),
  event('CLOSE'),
  event('TIMEOUT'),
  event('GIVEUP'),
  event('EXPIRE'),
  event('DEAD'),
]

const registers = Object.fromEntries(
  Object.keys(initialRegisters).map(name => [
    name,
    name === 'space' ? SPACE : name === 'sndNxt' || name === 'rcvNxt' ? bits(8) : bits(4),
  ]),
)

const nothing = (): void => {}

/** The same as a world: one rule an event. */
export const oneFlow = lowerWorld({
  name: 'one flow',
  shape: { flow: { connection: bits(4), migration: bits(2), ...registers } },
  did: [],
  machines: { flow },
  effects: {
    transmit: nothing,
    arm: nothing,
    linger: nothing,
    deliver: nothing,
    offer: nothing,
    notify: nothing,
  },
  scope: { ...flowScope, events },
  rules: [
    {
      name: 'event',
      kind: 'environment',
      over: { e: events.map((_, e) => e) },
      when: (w, { e }) => can('flow', w.flow, must(events[must(e)]).type, events[must(e)]),
      take: (w, { e }) => step('flow', w.flow, must(events[must(e)]).type, events[must(e)]),
    },
  ],
  invariants: [],
  recoveries: [],
  witnesses: [],
  final: () => true,
})

/** Where XState starts from: the machine's first state on the small circle of version numbers. */
export const initialSnapshot = flowMachine.resolveState({
  value: { connection: 'INIT', migration: 'INITIAL' },
  context: { ...initialRegisters, space: SPACE },
})
