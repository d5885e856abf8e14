import { createHash } from 'node:crypto'
import type { System } from '../ir/ir.ts'
import type { LoweredWorld } from '../lower/world.ts'
import { type Walk, walk } from '../search/walk.ts'
import { TraceError } from './errors.ts'
import type { Actor, Bounds, Catalogue, TracedModel } from './model.ts'

/** The model, bounds and defect of a trace. */
export interface Variant {
  readonly model: string
  /** Bounds that are left out have the model's defaults. */
  readonly bounds: Bounds
  readonly defect?: string
}

/** A variant that is ready for checking, recording and replaying. */
export interface Setting<M extends TracedModel = TracedModel> {
  readonly variant: Variant
  readonly world: LoweredWorld
  readonly walk: Walk
  readonly model: M
  /** Indexed like the rules' argument `f`. */
  readonly actors: readonly Actor[]
  /** A hash of the rules. */
  readonly machine: string
}

/** Lowers the model that `variant` names. Throws TRACE_MODEL, TRACE_BOUND and TRACE_NAME. */
export function settingOf<M extends TracedModel>(variant: Variant, catalogue: Catalogue<M>): Setting<M> {
  const model = catalogue.models.find(({ name }) => name === variant.model)
  if (!model) {
    const known = catalogue.models.map(({ name }) => name).join(', ')
    throw new TraceError('TRACE_MODEL', `there is no model '${variant.model}'; there are ${known}`)
  }
  const bounds = boundsOf(model, variant.bounds)
  const defect = defectOf(variant.defect, catalogue.defects)
  const world = model.world(bounds, defect?.replacement)
  const actors = model.actors(bounds)
  let [walked, machine]: [Walk | undefined, string | undefined] = [undefined, undefined]
  return {
    variant: { model: model.name, bounds, ...(defect ? { defect: defect.id } : {}) },
    world,
    // Both take long in a wide world, and a search that finds nothing needs neither.
    get walk() {
      walked ??= walk({ ...world.system, witnesses: actors.map(actsIn) })
      return walked
    },
    model,
    actors,
    get machine() {
      machine ??= hashOf(world.system)
      return machine
    },
  }
}

function boundsOf(model: TracedModel, given: Bounds): Bounds {
  const unknown = Object.keys(given).find(name => !Object.hasOwn(model.bounds, name))
  if (unknown !== undefined) {
    const known = Object.keys(model.bounds).join(', ')
    throw new TraceError('TRACE_BOUND', `${model.name} has no bound '${unknown}'; it has ${known}`)
  }
  const values = Object.entries(model.bounds).map(([name, bound]): [string, number] => {
    const value = given[name] ?? bound.default
    if (!Number.isInteger(value) || value < bound.min || value > bound.max)
      throw new TraceError(
        'TRACE_BOUND',
        `${name} of ${model.name} is ${value}; give ${bound.min} to ${bound.max}`,
      )
    return [name, value]
  })
  return Object.fromEntries(values)
}

function defectOf(
  id: string | undefined,
  defects: Catalogue['defects'],
): Catalogue['defects'][number] | undefined {
  const defect = defects.find(known => known.id === id)
  if (id === undefined || defect) return defect
  const known = defects.map(other => other.id).join(', ') || 'none'
  throw new TraceError('TRACE_NAME', `there is no defect '${id}'; there are ${known}`)
}

/** A witness of every step that this actor takes: the world notes the actor in a cell. */
const actsIn = ({ name, acts: { cell, value } }: Actor) => ({
  name,
  ofStep: true,
  seen: { op: '==', left: { op: 'get', name: `did.${cell}` }, right: { op: 'number', value } } as const,
})

/** Hashes a machine by its lowered rules. The layout of its sources does not matter. */
function hashOf({ variables, rules, coverage }: System): string {
  return createHash('sha256')
    .update(JSON.stringify({ variables, rules, coverage }))
    .digest('hex')
    .slice(0, HASH_DIGITS)
}

/** 64 bits: no two machines of this project will share a hash by accident. */
const HASH_DIGITS = 16
