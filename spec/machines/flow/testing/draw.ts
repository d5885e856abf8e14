/** Draws events that a flow in a given state is likely to react to. */

import type { MachineEvent, MachineState } from '../../../../checker/lower/printed.ts'
import { at } from '../../../../checker/text/at.ts'
import { challenges, MAKE_BEFORE_BREAK, PATH_CHALLENGE } from '../capabilities.ts'
import { flow } from '../compiled.ts'
import { EVENT_FIELDS, type FlowEvent } from '../events.ts'

/** Returns a number from 0 to below `n`. */
export type Choose = (n: number) => number

/** Returns a source of choices, reproducible from the seed (mulberry32). */
export function chooser(seed: number): Choose {
  let a = seed
  return n => {
    a = (a + 0x6d2b79f5) | 0
    const b = Math.imul(a ^ (a >>> 15), 1 | a)
    const c = (b + Math.imul(b ^ (b >>> 7), 61 | b)) ^ b
    return ((c ^ (c >>> 14)) >>> 0) % n
  }
}

const TYPES = Object.keys(EVENT_FIELDS) as FlowEvent['type'][]

/** By state of either region: the events with transitions there. */
const ACCEPTED = new Map(
  flow.tables.regions.flatMap(region =>
    region.states.map(({ name }) => [
      `${region.name}.${name}`,
      [...new Set(region.transitions.filter(t => t.source === name && t.event !== '').map(t => t.event))],
    ]),
  ),
)

const usually = (bit: number): readonly number[] => [bit, 1 - bit]

/** Valid values of each field, the likeliest first; identifiers 1 to 4 and any version are possible too. */
const GUESSES: Readonly<Record<string, (s: MachineState) => readonly number[]>> = {
  verno: s => [
    s.rcvNxt as number,
    (s.rcvNxt as number) - 1,
    (s.rcvNxt as number) + 1,
    (s.rcvNxt as number) + (s.space as number) / 2,
  ],
  ackno: s => [s.sndNxt as number, (s.sndNxt as number) - 1],
  peerVerno: s => [(s.space as number) - 1, 0],
  nonce: s => [s.peerNonce as number, s.localNonce as number, s.peerToken as number],
  token: () => [0, 5],
  srcFlow: s => [s.peerFlow as number],
  dstFlow: s => [s.localFlow as number],
  from: s => [s.peer as number, s.nextPeer as number],
  to: s => [s.local as number, s.nextLocal as number],
  address: s => [s.local as number, s.nextLocal as number],
  fin: () => [0, 1],
  claimed: () => [0, 1],
  joins: () => [0, 1],
  proves: () => [1, 0],
  here: () => [1, 0],
  capabilities: () => [0, PATH_CHALLENGE, MAKE_BEFORE_BREAK],
  challenge: s => usually(challenges(s.capabilities as number)),
  echo: s => usually(challenges(s.capabilities as number)),
}

const isVersion = (field: string): boolean => field === 'verno' || field === 'ackno' || field === 'peerVerno'

const BITS: ReadonlySet<string> = new Set(['fin', 'claimed', 'challenge', 'echo', 'here', 'joins', 'proves'])

/** Returns the field's likeliest value, or with probability 1 / `doubt` any of its values. */
function fieldOf(field: string, state: MachineState, doubt: number, choose: Choose): number {
  const space = state.space as number
  const guesses = GUESSES[field]?.(state) ?? []
  // An arbitrary value is the last guess.
  const guess = choose(doubt) > 0 ? guesses[0] : guesses[choose(guesses.length + 1)]
  if (guess !== undefined) return isVersion(field) ? (guess + space) % space : guess
  if (BITS.has(field)) return choose(2)
  return isVersion(field) ? (choose(2 ** 16) * 65537 + choose(3)) % space : 1 + choose(4)
}

/** Returns any state, reachable or not: versions near the wrap-around, identifiers 0 to 4. */
export function anyState(space: number, choose: Choose): MachineState {
  const version = () => (choose(6) + space - 3) % space
  const registers = Object.keys(flow.tables.registers).map(name => [name, choose(5)])
  const regions = flow.tables.regions.map(({ name, states }) => [name, choose(states.length)])
  const numbers = {
    space,
    sndNxt: version(),
    rcvNxt: version(),
    credit: choose(3),
    claimed: choose(2),
    capabilities: PATH_CHALLENGE * choose(2) + MAKE_BEFORE_BREAK * choose(2),
    held: choose(2),
    joins: choose(2),
    owed: choose(16),
  }
  return { ...Object.fromEntries([...registers, ...regions]), ...numbers }
}

/**
 * Returns an event of this type for a flow in `state`. Most guards read several fields, and one wrong field makes a guard
 * reject. So half of the events have few doubtful fields.
 */
export function eventOf(type: FlowEvent['type'], state: MachineState, choose: Choose): MachineEvent {
  const doubt = choose(2) === 0 ? 2 : 8
  return Object.fromEntries([
    ['type', type],
    ...EVENT_FIELDS[type].map(field => [field, fieldOf(field, state, doubt, choose)]),
  ])
}

/** Returns an event, more often one that a region's state reacts to. */
export function draw(state: MachineState, choose: Choose): MachineEvent {
  const region = at(flow.tables.regions, choose(2))
  const known = ACCEPTED.get(
    `${region.name}.${at(region.states, state[region.name] as number).name}`,
  ) as string[]
  const type =
    known.length > 0 && choose(8) > 0 ? at(known, choose(known.length)) : at(TYPES, choose(TYPES.length))
  return eventOf(type as FlowEvent['type'], state, choose)
}

/** Returns all events, each with fields drawn for `state`. */
export const drawAll = (state: MachineState, choose: Choose): MachineEvent[] =>
  TYPES.map(type => eventOf(type, state, choose))
