import type { System } from '../../ir/ir.ts'
import { type Check, DEADLOCK, hitOffset, watchesDeadlock } from '../checks.ts'
import { type Layout, storedWords } from '../packing.ts'
import { BLOCK, base, type Space } from './arena.ts'
import type { Code, Local } from './code.ts'
import * as wasm from './code.ts'
import { defineGrowth } from './growth.ts'
import { type Imports, Module } from './module.ts'
import { type Fire, Parts } from './parts.ts'
import { Prober } from './probe.ts'

/** Successors that the search collects before it probes their slots. */
export const BATCH = 256

/** States in which one rule is taken before the next. A power of two. */
export const CHUNK = 64

/**
 * Successors that fit into the batch: the search probes when a rule has been taken in all states of a chunk.
 */
export const PLACES = BATCH + CHUNK

/** How to print an exploring program. */
export interface ExploreStyle {
  /** Whether several threads share the table and the dictionaries. */
  readonly shared: boolean
  /** Whether the first violation ends the search. */
  readonly stopAtFirst: boolean
}

const { add, constant, get, set } = wasm

/** Returns the bytes of a program that explores. `Explorer` says what it exports. */
export function printExplorer(
  system: System,
  layout: Layout,
  checks: readonly Check[],
  space: Space,
  style: ExploreStyle,
): Uint8Array<ArrayBuffer> {
  const module = new Module(
    imports(space, [
      { name: 'room', params: 2, results: 1 },
      { name: 'block', params: 1, results: 1 },
    ]),
  )
  const [next, fresh, end] = [module.global(), module.global(), module.global()]
  const hit = defineHit(module, space, endingChecks(checks, style))
  const parts = new Parts(module, space, system, layout, checks, style.shared, hit)
  const prober = new Prober(module, space, {
    words: storedWords(layout),
    shared: style.shared,
    forgetful: true,
  })
  const inspect = parts.inspect(check => wasm.load(space.hits, base, hitOffset(check)))
  const insert = prober.insert({ next, fresh, end, inspect, block: module.imported('block') })
  defineExpand(module, space, parts, defineFlush(module, space, next, insert, parts.stride), hit)
  defineGrowth(module, space, prober.table, storedWords(layout))
  module.define(
    0,
    0,
    locals => [parts.words.begin(locals), wasm.call(insert, add(base, constant(parts.stride)))],
    'seed',
  )
  module.define(0, 1, () => wasm.getGlobal(next), 'next')
  module.define(
    1,
    0,
    (_, [to]) => [
      wasm.setGlobal(next, get(to)),
      wasm.setGlobal(fresh, get(to)),
      wasm.setGlobal(end, add(get(to), constant(BLOCK))),
    ],
    'moveTo',
  )
  return module.encode()
}

export function imports(space: Space, functions: Imports['functions']): Imports {
  return { memories: space.pages, globals: ['base'], functions }
}

/** Returns how many checks, from the first one on, end the search when they are met. */
function endingChecks(checks: readonly Check[], { stopAtFirst }: ExploreStyle): number {
  if (!stopAtFirst) return 1
  const firstWitness = checks.findIndex(({ kind }) => kind === 'witness')
  return firstWitness < 0 ? checks.length : firstWitness
}

/** Defines `hit(check, s, rule)`, which notes where a check was first met. */
function defineHit(module: Module, { hits }: Space, ending: number): number {
  return module.define(3, 0, (locals, [check, s, rule]) => {
    const at = locals.make()
    return [
      set(at, add(base, wasm.shl(get(check), constant(3)))),
      wasm.when(wasm.load(hits, get(at), hitOffset(0)), wasm.giveBack()),
      wasm.store(hits, get(at), get(s), hitOffset(0)),
      wasm.store(hits, get(at), add(get(rule), constant(1)), hitOffset(0) + 4),
      wasm.when(wasm.lt(get(check), constant(ending)), wasm.store(hits, base, constant(1))),
    ]
  })
}

/** Defines `flush(o)`, which enters the batch. Returns 0 if there is no room or the search must stop. */
function defineFlush(module: Module, { hits }: Space, next: number, insert: number, stride: number): number {
  return module.define(1, 1, (_, [o]) => {
    const count = wasm.divUnsigned(wasm.sub(get(o), base), constant(stride))
    const room = wasm.call(module.imported('room'), wasm.getGlobal(next), count)
    return [
      wasm.when(wasm.isZero(room), wasm.giveBack(constant(0))),
      wasm.call(insert, get(o)),
      wasm.isZero(wasm.load(hits, base)),
    ]
  })
}

/**
 * Defines `expand(from, to)`, which takes every enabled rule in these states and returns the number of steps
 * taken.
 */
function defineExpand(module: Module, space: Space, parts: Parts, flush: number, hit: number): void {
  const { system, checks, stride } = parts
  const noted = (s: Local) => add(base, wasm.and(get(s), constant(CHUNK - 1)))
  const note = { taken: (s: Local) => wasm.storeByte(space.alive, noted(s), constant(1)) }
  const live = parts.fire(({ kind }) => kind !== 'fault', watchesDeadlock(checks) ? note : {})
  const faults = parts.fire(({ kind }) => kind === 'fault')
  const final = parts.bits([system.final])
  module.define(
    2,
    1,
    (locals, [s, to]) => {
      const [end, o, taken] = locals.several(3)
      const steps = wasm.divUnsigned(add(get(taken), wasm.sub(get(o), base)), constant(stride))
      const fire = (rule: Fire) => [
        set(o, rule(s, end, o)),
        wasm.when(wasm.geUnsigned(wasm.sub(get(o), base), constant(BATCH * stride)), [
          wasm.when(wasm.isZero(wasm.call(flush, get(o))), wasm.giveBack(steps)),
          set(taken, add(get(taken), wasm.sub(get(o), base))),
          set(o, base),
        ]),
      ]
      const stuck = wasm.choose(
        wasm.isZero(wasm.loadByte(space.alive, noted(s))),
        wasm.isZero(wasm.call(final, wasm.mul(get(s), constant(parts.size)), get(s))),
        constant(0),
      )
      const watch = [
        wasm.whileTrue(wasm.ltUnsigned(get(s), get(end)), [
          wasm.when(stuck, wasm.call(hit, constant(DEADLOCK), get(s), constant(-1))),
          wasm.storeByte(space.alive, noted(s), constant(0)),
          wasm.increase(s, 1),
        ]),
      ]
      return [
        set(o, base),
        wasm.whileTrue(wasm.ltUnsigned(get(s), get(to)), [
          setLesser(end, add(get(s), constant(CHUNK)), get(to)),
          live.map(fire),
          faults.map(fire),
          watchesDeadlock(checks) ? watch : set(s, get(end)),
        ]),
        wasm.drop(wasm.call(flush, get(o))),
        steps,
      ]
    },
    'expand',
  )
}

/** Stores the lesser of two numbers. The first had at most 32 bits before it was added to. */
export function setLesser(local: Local, one: Code, other: Code): Code {
  return [set(local, one), wasm.when(wasm.ltUnsigned(other, get(local)), set(local, other))]
}
