/** Many runs, one after the other, from one seed on. */
import { at } from '../../checker/text/at.ts'
import { flowStep } from '../../spec/machines/flow/step.ts'
import { type FaultLevel, generatePlan } from './generate.ts'
import { MOST_SEED } from './limits.ts'
import type { Plan } from './plan.ts'
import { type ShrinkOptions, shrinkPlan } from './shrink.ts'
import { type SimulationResult, simulate } from './simulate.ts'

export interface CampaignOptions {
  /** The seed of the first run. The next runs use the next seeds. */
  readonly seed: number
  readonly runs: number
  readonly hosts: number
  readonly routers?: number
  readonly instances?: number
  readonly faults: FaultLevel
  readonly attacks?: boolean | undefined
  readonly defect?: string | undefined
  /** Called some times a second. */
  readonly progress?: (done: Campaign) => void
  /** Called some times a second while a failing plan is shrunk. */
  readonly shrinking?: (runs: number, actions: number) => void
  readonly signal?: AbortSignal
}

/** The totals of all runs. */
export interface Campaign {
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
export async function campaign(options: CampaignOptions): Promise<Campaign> {
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

async function smaller(plan: Plan, { findings }: SimulationResult, options: ShrinkOptions): Promise<Failure> {
  const shrunk = await shrinkPlan(plan, at(findings, 0).rule, options)
  return { plan: shrunk, simulation: simulate(shrunk), seed: plan.seed, unshrunk: plan.actions.length }
}

class Sum {
  #runs = 0
  #flows = 0
  #excused = 0
  #steps = 0
  #packets = 0
  #forwarded = 0
  #relayed = 0
  #heard = 0
  readonly #taken = new Set<number>()

  add({ flows, excused, steps, packets, forwarded, relayed, heard, taken }: SimulationResult): void {
    this.#runs++
    this.#flows += flows
    this.#excused += excused
    this.#steps += steps
    this.#packets += packets
    this.#forwarded += forwarded
    this.#relayed += relayed
    this.#heard += heard
    taken.forEach((count, transition) => {
      if (count > 0) this.#taken.add(transition)
    })
  }

  total(): Campaign {
    const { transitions } = flowStep()
    return {
      runs: this.#runs,
      flows: this.#flows,
      excused: this.#excused,
      steps: this.#steps,
      packets: this.#packets,
      forwarded: this.#forwarded,
      relayed: this.#relayed,
      heard: this.#heard,
      transitions: this.#taken.size,
      allTransitions: transitions.length,
      missed: transitions.filter((_, index) => !this.#taken.has(index)).map(({ id }) => id),
    }
  }
}
