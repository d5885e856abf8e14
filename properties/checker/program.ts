import type { Recovery, System } from '../../spec/lower/ir.ts'
import { type Check, DEADLOCK, watchesDeadlock } from './checks.ts'
import { Code } from './code.ts'
import { declareArray } from './outline.ts'
import { BLOCK, printFind, printHash, printIndex, printInsert, printLocate } from './probe.ts'

/** What the generated programs work on. */
export interface Arena {
  /** `S`: packed states; state `s` begins at `s * words`. State 0 is not used: 0 is an empty slot of the table. */
  readonly S: Int32Array
  /** `P`: the state from which each state was first reached; 0 for the initial state. */
  readonly P: Int32Array
  /** `T`: the hash table, of which the first `mask + 1` slots are in use. */
  readonly T: Int32Array
  /** `M`: for each state, the recoveries whose goal it can reach, as a bit mask. */
  readonly M: Uint8Array
}

/** What an exploring program is given besides the arena. */
export interface ExploreInputs extends Arena {
  readonly B: Int32Array
  readonly H: Int32Array
  readonly Q: Int32Array
  readonly A: Int32Array
  /** `F`: not 0 at 0 when the search is to stop; then for each check the state that it was found in and rule + 1. */
  readonly F: Int32Array
  /** `C`: how often each coverage point was passed. */
  readonly C: Float64Array
  /** Called before `count` successors are entered; false when there is no room or the search is to stop. */
  readonly room: (next: number, count: number) => boolean
  /** Ends the block of numbers before `next` and gives the first number of a new one; only for shared memory. */
  readonly block: (next: number) => number
}

/** The program that explores: breadth first over ranges of state numbers. */
export interface Explorer {
  /** Takes every enabled rule in states `from` to before `to`; returns the number of steps taken. */
  expand(from: number, to: number): number
  /** Enters the state that stands at the beginning of the batch. */
  seed(): void
  /** Uses a table of `size` slots from now on. */
  resize(size: number): void
  /** Enters stored states into the table. */
  index(from: number, to: number): void
  /** The number of the next state to be stored, and how many this thread has added. */
  next(): number
  /** Numbers states from `next` on (up to the end of the block, in shared memory). */
  moveTo(next: number): void
}

/** The program that walks backwards: marks states from which a goal can be reached. */
export interface Recoverer {
  resize(size: number): void
  /** Marks states `from` to before `to` with the goals that hold in them. */
  mark(from: number, to: number): void
  /** Marks states with what their successors are marked with; returns how many marks were added. */
  sweepDown(from: number, to: number): number
  sweepUp(from: number, to: number): number
  /** The first state of the range where recovery `index` is due and not marked, or 0. */
  lost(index: number, from: number, to: number): number
}

/** Successors collected before their slots are probed. */
const BATCH = 256

/** Places the batch needs: a state's successors all go in before the batch is looked at. */
export function batchPlaces(system: System): number {
  return BATCH + system.rules.length + 1
}

/** How an exploring program is printed. */
export interface ExploreStyle {
  readonly shared: boolean
  /** Whether the first violation ends the search. */
  readonly stopAtFirst: boolean
}

/** The source of an {@link Explorer}: the body of a function of `env`, its {@link ExploreInputs}. */
export function printExplorer(system: System, checks: readonly Check[], style: ExploreStyle): string {
  const code = new Code(system, checks, true)
  const words = code.layout.words
  const probing = { words, shared: style.shared, forgetful: true }
  const live = code.fire(
    'live',
    system.rules.filter(({ kind }) => kind !== 'fault'),
  )
  const faults = code.fire(
    'faults',
    system.rules.filter(({ kind }) => kind === 'fault'),
  )
  const inspect = code.inspect('inspect')
  const firstWitness = checks.findIndex(({ kind }) => kind === 'witness')
  const violations = firstWitness < 0 ? checks.length : firstWitness
  const deadlock = watchesDeadlock(checks)
    ? `    if (o === before && ended(b) === 0) hit(${DEADLOCK}, s, -1)\n`
    : ''
  return `'use strict'
const { S, P, T, B, H, Q, A, F, C, room, block } = env
let mask = 0, next = 1, fresh = 1, end = 0
function hit(check, s, rule) {
  const f = 1 + 2 * check
  if (F[f] !== 0) return
  F[f] = s
  F[f + 1] = rule + 1
  if (check < ${style.stopAtFirst ? violations : 1}) F[0] = 1
}
${system.rules.map(rule => code.rule(rule)).join('')}${declareArray(code.names)}${live.text}${faults.text}${inspect.text}
${code.bits('ended', [system.final])}function inspect(from, to) {\n${inspect.calls}}
${printHash(words)}${printLocate(probing)}${printInsert(probing)}${printIndex(probing)}
function flush(o) {
  if (!room(next, o / ${words + 1})) return false
  insert(o)
  return F[0] === 0
}
function expand(from, to) {
  let o = 0, taken = 0
  for (let s = from, b = from * ${words}; s < to; s++, b += ${words}) {
    const before = o
${live.calls}${deadlock}${faults.calls}    if (o >= ${BATCH * (words + 1)}) {
      taken += o
      if (!flush(o)) return taken / ${words + 1}
      o = 0
    }
  }
  flush(o)
  return (taken + o) / ${words + 1}
}
return {
  expand, index,
  seed() { insert(${words + 1}) },
  resize(size) { mask = size - 1 },
  next() { return next },
  moveTo(to) { next = fresh = to; end = to + ${style.shared ? BLOCK : 0} },
}`
}

/** Recoveries that one pass can treat: they are bits of a byte. */
export const RECOVERIES_AT_ONCE = 8

/** The source of a {@link Recoverer} for at most {@link RECOVERIES_AT_ONCE} recoveries. */
export function printRecoverer(system: System, recoveries: readonly Recovery[]): string {
  const code = new Code(system, [], false)
  const words = code.layout.words
  const probing = { words, shared: false, forgetful: false }
  const helping = system.rules.filter(rule => rule.kind === 'protocol' || rule.helps)
  const helped = code.fire('helped', helping)
  const all = 2 ** recoveries.length - 1
  const sweep = (name: string, loop: string) => `function ${name}(from, to) {
  let o = 0, changes = 0
  for (${loop}) {
    if (M[s] === ${all}) continue
    const b = s * ${words}
${helped.calls}    if (o >= ${BATCH * (words + 1)}) { changes += settle(o); o = 0 }
  }
  return changes + settle(o)
}
`
  return `'use strict'
const { S, T, B, H, Q, A, M } = env
let mask = 0
function hit() {}
${helping.map(rule => code.rule(rule)).join('')}${declareArray(code.names)}${helped.text}
${code.bits(
  'goals',
  recoveries.map(({ goal }) => goal),
)}${code.bits(
  'due',
  recoveries.map(({ when }) => when),
)}${printHash(words)}${printLocate(probing)}${printFind(probing)}
function settle(o) {
  const n = locate(o)
  let changes = 0
  for (let i = 0; i < n; i++) {
    const s = B[A[i] + ${words}], had = M[s]
    if (had === ${all}) continue
    const has = had | M[find(i)]
    if (has !== had) { M[s] = has; changes++ }
  }
  return changes
}
${sweep('sweepDown', 'let s = to - 1; s >= from; s--')}${sweep('sweepUp', 'let s = from; s < to; s++')}
return {
  sweepDown, sweepUp,
  resize(size) { mask = size - 1 },
  mark(from, to) { for (let s = from; s < to; s++) M[s] = goals(s * ${words}) },
  lost(index, from, to) {
    for (let s = from; s < to; s++) if ((due(s * ${words}) & ~M[s] & (1 << index)) !== 0) return s
    return 0
  },
}`
}

/** Makes a program of its source and what it works on. */
export function load<Program>(source: string, env: object): Program {
  return new Function('env', source)(env) as Program
}
