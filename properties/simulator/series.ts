/** A series: runs one after the other, from one seed on. */
import { at } from '../../checker/text/at.ts'
import { flowStep } from '../../spec/machines/flow/step.ts'
import { generatePlan, type PlanOptions } from './generate.ts'
import { MOST_SEED } from './limits.ts'
import type { Plan } from './plan.ts'
import { type ShrinkOptions, shrinkPlan } from './shrink.ts'
import { type SimulationResult, simulate } from './simulate.ts'

/** What the plans of a series have in common. The first run has the seed, the next runs the next seeds. */
export interface SeriesOptions extends PlanOptions {
  readonly runs: number
  /** Called some times a second. */
  readonly progress?: (done: Series) => void
  /** Called some times a second while a failing plan is shrunk. */
  readonly shrinking?: (runs: number, actions: number) => void
  readonly signal?: AbortSignal
}

/** The totals of all runs. */
export interface Series {
  readonly runs: number
  readonly flows: number
  readonly excused: number
  readonly steps: number
  readonly packets: number
  /** First packets that routers sent on, and packets that they relayed for moves. */
  readonly forwarded: number
  readonly relayed: number
  /** Bytes that applications read. */
  readonly heard: number
  /** Transitions of the flow machine that were taken at least once, and how many there are. */
  readonly transitions: number
  readonly allTransitions: number
  /** The names of those that were not. */
  readonly missed: readonly string[]
  readonly failure?: Failure
}

/** The first run that broke something, made small. */
export interface Failure {
  readonly plan: Plan
  readonly simulation: SimulationResult
  /** From which the plan was drawn. The shrunk plan may have another one. */
  readonly seed: number
  /** Actions before shrinking. */
  readonly unshrunk: number
}

/** Runs between two turns of the event loop: some hundredths of a second. */
const BATCH_RUNS = 16

/** Simulates until a run breaks something. Throws PLAN_NAME. */
export async function runSeries(options: SeriesOptions): Promise<Series> {
  const { runs, signal, progress } = options
  const sum = new Sum()
  for (let number = 0; number < runs && !signal?.aborted; number++) {
    const plan = generatePlan({ ...options, seed: (options.seed + number) % (MOST_SEED + 1) })
    const simulation = simulate(plan)
    sum.add(simulation)
    if (simulation.verdict === 'violated') {
      const failure = await smaller(plan, simulation, { progress: options.shrinking, signal })
      return { ...sum.total(), failure }
    }
    if (number % BATCH_RUNS !== BATCH_RUNS - 1) continue
    progress?.(sum.total())
    await new Promise(resolve => setImmediate(resolve))
  }
  return sum.total()
}

/** Returns the totals of several series as those of one, without failures. */
export function sumSeries(list: readonly (Sums & Pick<Series, 'missed'>)[]): Series {
  const sum = new Sum()
  for (const series of list) sum.addSeries(series)
  return sum.total()
}

async function smaller(plan: Plan, { findings }: SimulationResult, options: ShrinkOptions): Promise<Failure> {
  const shrunk = await shrinkPlan(plan, at(findings, 0).rule, options)
  return { plan: shrunk, simulation: simulate(shrunk), seed: plan.seed, unshrunk: plan.actions.length }
}

class Sum {
  readonly #sums = {
    ...{ runs: 0, flows: 0, excused: 0, steps: 0, packets: 0 },
    ...{ forwarded: 0, relayed: 0, heard: 0 },
  }
  readonly #names = flowStep().transitions.map(({ id }) => id)
  /** Names of the transitions that were not taken. */
  readonly #missed = new Set(this.#names)

  add({ taken, ...result }: SimulationResult): void {
    this.#add({ ...result, runs: 1 })
    taken.forEach((times, transition) => {
      if (times > 0) this.#missed.delete(at(this.#names, transition))
    })
  }

  addSeries({ missed, ...sums }: Sums & Pick<Series, 'missed'>): void {
    this.#add(sums)
    const untaken = new Set(missed)
    for (const id of this.#missed) if (!untaken.has(id)) this.#missed.delete(id)
  }

  #add(more: Sums): void {
    for (const name of Object.keys(this.#sums) as (keyof Sums)[]) this.#sums[name] += more[name]
  }

  total(): Series {
    const { length } = this.#names
    return {
      ...this.#sums,
      transitions: length - this.#missed.size,
      allTransitions: length,
      missed: [...this.#missed],
    }
  }
}

type Sums = Pick<
  Series,
  'runs' | 'flows' | 'excused' | 'steps' | 'packets' | 'forwarded' | 'relayed' | 'heard'
>
