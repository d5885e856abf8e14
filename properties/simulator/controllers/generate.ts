/** Plans of the service plane, drawn from seeds. */
import { at } from '../../../checker/text/at.ts'
import { type RandomSource, randomFraction, seededRandom } from '../../../impl/host/random/random.ts'
import { PLANE_FORMAT, type PlaneAction, type PlanePlan } from './plan.ts'

export interface PlanePlanOptions {
  readonly seed: number
  readonly registry?: PlanePlan['registry'] | undefined
  readonly controllers?: number | undefined
  readonly routers?: number | undefined
  readonly hosts?: number | undefined
  readonly defect?: string | undefined
}

export const DEFAULT_HOSTS = 3
export const DEFAULT_ROUTERS = 2
const MOST_ACTIONS = 8
/** When members have started and registered, ms. */
const FIRST_MS = 5000
/** Between two actions; the gaps are even in their logarithm. The longest let every lease be renewed and every fault heal. */
const LEAST_GAP_MS = 10
const MOST_GAP_MS = 150_000
/** The longest fault: longer than two leases. */
const MOST_FAULT_MS = 90_000
const MOST_SKEW_MS = 60_000
const MOST_WEIGHT = 4
/** After the last action: the members agree by then, and renew their leases once more. */
const REST_MS = 150_000

/** Chances of actions, against each other. */
const WEIGHTS: Readonly<Record<PlaneAction['do'], number>> = {
  ...{ kill: 6, start: 10, stop: 4, cut: 4, skew: 2, leave: 2, weigh: 6, move: 5 },
  ...{ outage: 5, full: 2, election: 2, endWatches: 2, rule: 3, evict: 3, admit: 2 },
}
const ONLY_NATS: ReadonlySet<PlaneAction['do']> = new Set(['election', 'endWatches', 'outage'])

/** Draws numbers and actions of one plan. */
class Drawing {
  readonly #random: RandomSource
  readonly #kinds: readonly PlaneAction['do'][]
  readonly registry: PlanePlan['registry']

  constructor(seed: number, registry: PlanePlan['registry'] | undefined) {
    this.#random = seededRandom(seed)
    this.registry = registry ?? (this.below(3) === 0 ? 'embedded' : 'nats')
    const all = Object.keys(WEIGHTS) as PlaneAction['do'][]
    this.#kinds = all.filter(kind => this.registry === 'nats' || !ONLY_NATS.has(kind))
  }

  below(n: number): number {
    return Math.floor(randomFraction(this.#random) * n)
  }

  /** Even in the logarithm. */
  log(least: number, most: number): number {
    return Math.round(least * Math.exp(randomFraction(this.#random) * Math.log(most / least)))
  }

  action(atMs: number, counts: Counts): PlaneAction {
    const kind = this.#kind()
    const forMs = this.log(500, MOST_FAULT_MS)
    const index = this.below(counts.hosts)
    const weight = this.below(MOST_WEIGHT + 1)
    switch (kind) {
      case 'kill':
        return { atMs, do: kind, ...this.#member(counts) }
      case 'start':
        return { atMs, do: kind, ...this.#member(counts), keepsFiles: this.below(4) > 0 }
      case 'stop':
      case 'cut':
        return { atMs, do: kind, ...this.#member(counts), forMs }
      case 'skew':
        return { atMs, do: kind, ...this.#member(counts), ms: this.below(2 * MOST_SKEW_MS) - MOST_SKEW_MS }
      case 'leave':
      case 'move':
        return { atMs, do: kind, index }
      case 'weigh':
        return { atMs, do: kind, index, weight }
      case 'outage':
        return { atMs, do: kind, forMs, keepsData: this.below(3) > 0 }
      case 'full':
      case 'election':
        return { atMs, do: kind, forMs }
      case 'endWatches':
        return { atMs, do: kind }
      case 'evict':
      case 'admit':
        return { atMs, do: kind, index, controller: this.below(counts.controllers) }
      case 'rule':
        return { atMs, do: kind, index, controller: this.below(counts.controllers), weight }
    }
  }

  #kind(): PlaneAction['do'] {
    const sum = this.#kinds.reduce((all, kind) => all + WEIGHTS[kind], 0)
    let left = randomFraction(this.#random) * sum
    for (const kind of this.#kinds) {
      left -= WEIGHTS[kind]
      if (left < 0) return kind
    }
    return at(this.#kinds, 0)
  }

  #member({ controllers, routers, hosts }: Counts) {
    const index = this.below(controllers + routers + hosts)
    if (index < controllers) return { role: 'controller', index } as const
    if (index < controllers + routers) return { role: 'router', index: index - controllers } as const
    return { role: 'host', index: index - controllers - routers } as const
  }
}

type Counts = Pick<PlanePlan, 'controllers' | 'routers' | 'hosts'>

export function generatePlanePlan(options: PlanePlanOptions): PlanePlan {
  const { seed, routers = DEFAULT_ROUTERS, hosts = DEFAULT_HOSTS, defect } = options
  const drawing = new Drawing(seed, options.registry)
  const { registry } = drawing
  const controllers = registry === 'embedded' ? 1 : (options.controllers ?? 2)
  const counts = { controllers, routers, hosts }
  let atMs = FIRST_MS
  const actions: PlaneAction[] = []
  for (let left = 1 + drawing.below(MOST_ACTIONS); left > 0; left--) {
    atMs += drawing.log(LEAST_GAP_MS, MOST_GAP_MS)
    actions.push(drawing.action(atMs, counts))
  }
  return {
    ...{ format: PLANE_FORMAT, kind: 'plane', seed, registry, ...counts },
    ...{ services: 1 + drawing.below(2), latencyMs: drawing.log(1, 50) },
    loss: drawing.below(3) === 0 ? drawing.below(50) / 1000 : 0,
    ...(defect !== undefined && { defect }),
    calmMs: atMs + REST_MS,
    actions,
  }
}
