import {
  type Check,
  checksOf,
  leftsOf,
  type Selection,
  select,
  TRAPPED,
  TRAPPED_AHEAD,
} from '../codegen/checks.ts'
import { assertWellFormed } from '../codegen/names.ts'
import { type Layout, layOutStates, pack, storedWords } from '../codegen/packing.ts'
import { layOutSpace, type Sizes } from '../codegen/wasm/arena.ts'
import { ranOut } from '../codegen/wasm/dictionary.ts'
import { RECENT } from '../codegen/wasm/probe.ts'
import { CHUNK, PLACES, printExplorer } from '../codegen/wasm/program.ts'
import { bounded } from '../ir/bounded.ts'
import { CheckerError } from '../ir/errors.ts'
import type { Liveness, Recovery, System } from '../ir/ir.ts'
import { at, must } from '../text/at.ts'
import { budget, firstSlots, stored } from './budget.ts'
import { bytesOf, conclude, nearest } from './conclude.ts'
import type { Lasso } from './lasso.ts'
import { findLassos } from './live.ts'
import { findLost } from './lost.ts'
import { parallel } from './parallel.ts'
import { type Path, pathAlong, pathTo, statesOf } from './path.ts'
import { Programs } from './programs.ts'
import { Pulse } from './pulse.ts'
import type { Ending, Found, Graph, Plan, Progress, Searcher } from './search.ts'
import { sequential } from './sequential.ts'
import { Threads } from './threads.ts'
import { trapIn } from './trap.ts'
import { type Walk, walk } from './walk.ts'

/** Options of an exploration. All have a default. */
export interface ExploreOptions {
  /** Threads, 1 to 64, that start for this exploration. One, the default, searches in the calling thread. */
  readonly workers?: number
  /** Threads that search instead, and go on afterwards. */
  readonly threads?: Threads
  /** Mebibytes that states, parents and table may take together. Default: 2048. */
  readonly memoryMb?: number
  /** Ids of the invariants, recoveries and liveness properties to check, and `deadlock`. Default: `all`. */
  readonly invariants?: Selection
  /**
   * `first`: stop at the first violation. `each`, the default: go on, and keep the shortest violation of each
   * invariant.
   */
  readonly stop?: 'first' | 'each'
  readonly signal?: AbortSignal
  /** Called a few times a second. Needs `now`. */
  readonly progress?: (progress: Progress) => void
  /** A clock in milliseconds. */
  readonly now?: () => number
}

/** The shortest path to a violation. */
export interface Violation {
  /** The invariant's, recovery's or liveness property's id, or `deadlock`. */
  readonly id: string
  readonly kind: 'invariant' | 'deadlock' | 'recovery' | 'liveness'
  /** The rules taken from the initial state on, by index and by name. */
  readonly rules: readonly number[]
  readonly names: readonly string[]
  /** The states passed, the initial one included: one more than rules. */
  readonly states: readonly Readonly<Record<string, number>>[]
  /**
   * Of a liveness property: how many rules lead to the cycle. The rules after them are repeated forever; if there
   * are none, the run stops.
   */
  readonly loop?: number
}

/** The result of an exploration. */
export interface Exploration {
  readonly verdict: 'holds' | 'violated' | 'incomplete'
  /** Why the search ended early, in words. */
  readonly reason?: string
  readonly distinct: number
  /** Steps taken, including those to known states. */
  readonly generated: number
  /** The greatest distance of a found state from the initial one. */
  readonly depth: number
  /** Bytes of states, parents, table and marks for each distinct state. */
  readonly bytesPerState: number
  /** How often each coverage point was passed. */
  readonly coverage: readonly number[]
  /** Every witness, with the length of the shortest path to it; null if it was not seen. */
  readonly witnesses: readonly { readonly name: string; readonly depth: number | null }[]
  readonly violations: readonly Violation[]
  /** Names of rules that the search never took. */
  readonly idle: readonly string[]
  /** Ids of invariants of the form "if this, then that" whose left side was never true. */
  readonly untried: readonly string[]
}

/** The default memory limit: room for about 55 million states of 24 bytes. */
const DEFAULT_MEMORY_MB = 2048

/** More threads than this only wait for each other. */
export const MAX_WORKERS = 64

/**
 * Explores every reachable state of `system`, breadth first. Throws TrapError for a rejected value, CHK002 for
 * an ill-formed system, CHK003 for an unknown invariant, CHK004 for memory that the machine does not have, and
 * CHK006 for a bad number of workers. If the search ends early, the result has what it found so far.
 */
export async function explore(system: System, options: ExploreOptions = {}): Promise<Exploration> {
  return prepare(system, options)({})
}

/** Explores from the initial state with these values of the varied variables. */
export type Explorer = (initial: Readonly<Record<string, number>>) => Promise<Exploration>

/**
 * Returns a function that explores `system` each time it is called. All explorations share one generated program. Each gives the
 * variables in `varied` initial values of its own. Results and errors are those of {@link explore}.
 */
export function prepare(
  given: System,
  options: ExploreOptions = {},
  varied: readonly string[] = [],
): Explorer {
  const { workers = 1, invariants = 'all', stop = 'each' } = options
  if (!(Number.isInteger(workers) && workers >= 1 && workers <= MAX_WORKERS)) {
    throw new CheckerError('CHK006', `${workers} workers; give 1 to ${MAX_WORKERS}`)
  }
  assertWellFormed(given)
  const system = bounded(given)
  const checks = checksOf(system, invariants)
  const recoveries = select(system.recoveries, invariants)
  const liveness = select(system.liveness, invariants)
  const memoryMb = options.memoryMb ?? DEFAULT_MEMORY_MB
  const sharing = options.threads?.count ?? (workers > 1 ? workers : 0)
  const style: Style = { memoryMb, sharing, stopAtFirst: stop === 'first' }
  const plans = [true, false].map(isCoded =>
    lazily(() => planOf(system, checks, layOutStates(system, isCoded, varied), style, recoveries.length > 0)),
  )
  // The path to a state needs no checks: a check may reject a value in the very state that the path leads
  // to.
  const walker = lazily(() => walk({ ...system, invariants: [], witnesses: [] }, 'none'))
  const programs = new Programs()
  return async initial => {
    const pulse = new Pulse(options.progress, options.now, options.signal)
    const own = options.threads === undefined && workers > 1 ? new Threads(workers) : undefined
    const threads = options.threads ?? own
    const searcher: Searcher = threads === undefined ? sequential(pulse) : parallel(pulse, threads)
    try {
      const { plan, found } = await search(system, plans, initial, searcher)
      const { layout } = plan
      throwTrap(system, checks, found, layout, walker)
      const violations = violationsOf(found, checks, layout, walker)
      let { ending } = found
      if (ending === 'complete') {
        const graph = { system, searcher, plan, graph: found.graph, walker, programs }
        const room = memoryMb * 2 ** 20 - bytesOf(found, plan)
        ending = await decideRuns(graph, recoveries, liveness, room, violations)
      }
      return conclude(
        system,
        { ...found, ending },
        plan,
        checks,
        stop === 'first' ? shortest(violations) : violations,
        memoryMb,
      )
    } finally {
      await own?.close()
    }
  }
}

/** An explored graph, and what it takes to look at it again. */
interface Explored {
  readonly system: System
  readonly searcher: Searcher
  readonly plan: Plan
  readonly graph: Graph
  readonly walker: () => Walk
  readonly programs: Programs
}

/** Decides recoveries and liveness on the whole graph, and adds the violated properties. */
async function decideRuns(
  { system, searcher, plan, graph, walker, programs }: Explored,
  recoveries: readonly Recovery[],
  liveness: readonly Liveness[],
  room: number,
  violations: Violation[],
): Promise<Ending> {
  const { layout } = plan
  if (recoveries.length > 0) {
    const lost = await findLost(system, recoveries, searcher, graph, plan, programs)
    if (lost === undefined) return 'aborted'
    for (const { recovery, state } of lost) {
      const path = pathTo(graph, layout, walker(), state)
      violations.push({ id: recovery.id, kind: 'recovery', ...described(walker(), path) })
    }
  }
  if (liveness.length === 0) return 'complete'
  const violated = await findLassos(system, liveness, searcher, graph, plan, room, programs)
  if (typeof violated === 'string') return violated
  for (const { property, lasso } of violated) {
    const { path, loop } = runOf(graph, layout, walker(), lasso)
    violations.push({ id: property.id, kind: 'liveness', ...described(walker(), path), loop })
  }
  return 'complete'
}

/** Returns the rules and states of a lasso, and the number of rules before its cycle. */
function runOf(graph: Graph, layout: Layout, walker: Walk, lasso: Lasso): { path: Path; loop: number } {
  const { rules, states } = pathAlong(graph, layout, walker, lasso.prefix)
  const cycle = statesOf(graph, layout, lasso.cycle)
  return {
    path: { rules: [...rules, ...lasso.rules], states: [...states, ...cycle] },
    loop: rules.length,
  }
}

interface Style {
  readonly memoryMb: number
  /** Threads that share the table; 0 if the calling thread has it for itself. */
  readonly sharing: number
  readonly stopAtFirst: boolean
}

/** Searches. If a dictionary runs out of codes, searches again with the second plan, whose states are not coded. */
async function search(
  system: System,
  plans: readonly (() => Plan)[],
  values: Readonly<Record<string, number>>,
  searcher: Searcher,
): Promise<{ plan: Plan; found: Found }> {
  for (const plain of plans) {
    const { layout, ...rest } = plain()
    const initial = new Int32Array(layout.words)
    const state = system.variables.map(({ name, initial }) => values[name] ?? initial)
    pack(layout, state, initial, 0)
    const plan = { ...rest, layout, initial }
    const found = await searcher.search(plan)
    if (!ranOut(found.graph.arena.dictionaries, plan.sizes.dictionaries)) return { plan, found }
  }
  throw new Error('states that are not coded ran out of codes')
}

function planOf(
  system: System,
  checks: readonly Check[],
  layout: Layout,
  style: Style,
  marked: boolean,
): Plan {
  const words = storedWords(layout)
  const most = budget(style.memoryMb, words, marked, firstSlots(style.sharing, PLACES))
  const sizes: Sizes = {
    words,
    dictionaries: layout.isCoded ? layout.words : 0,
    states: stored(most, style.sharing, PLACES),
    slots: most.slots,
    marked,
    places: PLACES,
    chunk: CHUNK,
    checks: checks.length,
    points: system.coverage.length,
    lefts: leftsOf(checks).length,
    rules: system.rules.length,
    recent: RECENT,
    threads: Math.max(1, style.sharing),
  }
  const space = layOutSpace(sizes)
  const { sharing, stopAtFirst } = style
  const explorer = printExplorer(system, layout, checks, space, { shared: sharing > 0, stopAtFirst })
  return {
    budget: most,
    layout,
    sizes,
    space,
    initial: new Int32Array(layout.words),
    explorer: new WebAssembly.Module(explorer),
  }
}

/** Throws the error of the nearest state where a value was rejected, with the path to it. */
function throwTrap(
  system: System,
  checks: readonly Check[],
  found: Found,
  layout: Layout,
  walker: () => Walk,
): void {
  const [behind, ahead] = [nearest(found, TRAPPED), nearest(found, TRAPPED_AHEAD)]
  const hit = behind ?? ahead
  if (!hit) return
  const { names, states } = described(walker(), pathTo(found.graph, layout, walker(), hit.state))
  throw (
    trapIn(system, checks, must(states.at(-1)), hit === behind)?.after(names) ??
    new Error(
      'the search ended for a rejected value, but its state rejects none: the generated programs disagree',
    )
  )
}

function violationsOf(
  found: Found,
  checks: readonly Check[],
  layout: Layout,
  walker: () => Walk,
): Violation[] {
  return checks.flatMap(({ kind, id }, number): Violation[] => {
    if (kind !== 'invariant' && kind !== 'deadlock') return []
    const hit = nearest(found, number)
    if (!hit) return []
    return [{ id, kind, ...described(walker(), pathTo(found.graph, layout, walker(), hit.state, hit.rule)) }]
  })
}

function described(
  walker: Walk,
  path: ReturnType<typeof pathTo>,
): Pick<Violation, 'rules' | 'names' | 'states'> {
  return {
    rules: path.rules,
    names: path.rules.map(rule => at(walker.system.rules, rule).name),
    states: path.states.map(state => walker.decode(state)),
  }
}

/** Returns a function that calls `make` once, when the value is first needed. */
function lazily<T>(make: () => T): () => T {
  let made: T | undefined
  return () => (made ??= make())
}

/** A counterexample that ends is easier to read than one that does not. */
function shortest(violations: readonly Violation[]): Violation[] {
  const isEndless = ({ kind }: Violation) => Number(kind === 'liveness')
  return [...violations]
    .sort((one, other) => isEndless(one) - isEndless(other) || one.rules.length - other.rules.length)
    .slice(0, 1)
}
