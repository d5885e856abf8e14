import type { Liveness, System } from '../../ir/ir.ts'
import { type Layout, storedWords } from '../packing.ts'
import { base, EDGE, type Space } from './arena.ts'
import * as wasm from './code.ts'
import { Module } from './module.ts'
import { type Fire, Parts } from './parts.ts'
import { Prober } from './probe.ts'
import { BATCH, CHUNK, imports, setLesser } from './program.ts'

const { add, constant, get, set, shl } = wasm

/** Returns the bytes of a `Stepper`, for at most 31 properties. */
export function printStepper(
  system: System,
  properties: readonly Liveness[],
  layout: Layout,
  space: Space,
  shared: boolean,
): Uint8Array<ArrayBuffer> {
  const module = new Module(imports(space, [{ name: 'edges', params: 1, results: 0 }]))
  const parts = new Parts(module, space, system, layout, [], shared, undefined, true)
  const words = storedWords(layout)
  const prober = new Prober(module, space, { words, shared: false, forgetful: false, numbered: true })
  const report = defineReport(module, space, prober, parts)
  const fires = parts.fire(() => true, {
    listed: at => wasm.load(space.listed, add(base, shl(get(at), constant(2)))),
  })
  defineExpand(module, parts, report, fires)
  const goals = parts.bits(properties.map(({ goal }) => goal))
  const whens = parts.bits(properties.map(({ when }) => when))
  const place = (s: wasm.Local) => wasm.mul(get(s), constant(parts.size))
  module.define(1, 1, (_, [s]) => wasm.call(goals, place(s), get(s)), 'goals')
  module.define(
    1,
    1,
    (_, [s]) =>
      wasm.and(
        wasm.call(whens, place(s), get(s)),
        wasm.xor(wasm.call(goals, place(s), get(s)), constant(-1)),
      ),
    'due',
  )
  return module.encode()
}

/** Defines `report(o)`, which looks up the states of the batch and reports the steps to them. */
function defineReport(module: Module, space: Space, prober: Prober, parts: Parts): number {
  const { addresses, batch, edges } = space
  const find = prober.find()
  const each = parts.each()
  return module.define(1, 0, (locals, [o]) => {
    const [p, end, a, s, which, e, count] = locals.several(7)
    return [
      set(end, prober.locate(get(o))),
      set(p, base),
      set(e, base),
      wasm.whileTrue(wasm.ltUnsigned(get(p), get(end)), [
        set(a, wasm.load(addresses, get(p))),
        set(s, wasm.load(batch, get(a), prober.size)),
        set(which, wasm.load(batch, get(a), prober.size + 4)),
        wasm.store(edges, get(e), get(s)),
        wasm.store(edges, get(e), wasm.call(find, get(p)), 4),
        wasm.store(edges, get(e), get(which), 8),
        wasm.store(
          edges,
          get(e),
          wasm.call(each, get(which), wasm.mul(get(s), constant(parts.size)), get(s)),
          12,
        ),
        wasm.increase(e, 4 * EDGE),
        wasm.increase(count, 1),
        wasm.increase(p, 4),
      ]),
      wasm.call(module.imported('edges'), get(count)),
    ]
  })
}

function defineExpand(module: Module, parts: Parts, report: number, fires: readonly Fire[]): void {
  module.define(
    2,
    0,
    (locals, [s, to]) => {
      const [end, o] = locals.several(2)
      const reported = [wasm.call(report, get(o)), set(o, base)]
      const fire = (rule: Fire) => [
        set(o, rule(s, end, o)),
        wasm.when(wasm.geUnsigned(wasm.sub(get(o), base), constant(BATCH * parts.stride)), reported),
      ]
      return [
        set(o, base),
        wasm.whileTrue(wasm.ltUnsigned(get(s), get(to)), [
          setLesser(end, add(get(s), constant(CHUNK)), get(to)),
          fires.map(fire),
          set(s, get(end)),
        ]),
        reported,
      ]
    },
    'expand',
  )
}
