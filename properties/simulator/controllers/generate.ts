/** Plans of the service plane, drawn from seeds. */
import { at } from '../../../checker/text/at.ts'
import { randomFraction, seededRandom } from '../../../impl/host/random/random.ts'
import { PLANE_FORMAT, type PlaneAction, type PlanePlan } from './plan.ts'

export interface PlanePlanOptions {
  readonly seed: number
  readonly registry?: PlanePlan['registry'] | undefined
  readonly controllers?: number | undefined
  readonly routers?: number | undefined
  readonly hosts?: number | undefined
  readonly defect?: string | undefined
}

const MOST_ACTIONS = 8
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
  ...{ outage: 5, full: 2, election: 2, endWatches: 2, rule: 3 },
}
const ONLY_NATS: ReadonlySet<PlaneAction['do']> = new Set(['election', 'endWatches', 'outage'])

export function generatePlanePlan(options: PlanePlanOptions): PlanePlan {
  const random = seededRandom(options.seed)
  const below = (n: number): number => Math.floor(randomFraction(random) * n)
  const log = (least: number, most: number): number =>
    Math.round(least * Math.exp(randomFraction(random) * Math.log(most / least)))
  const registry = options.registry ?? (below(3) === 0 ? 'embedded' : 'nats')
  const controllers = registry === 'embedded' ? 1 : (options.controllers ?? 2)
  const { routers = 2, hosts = 3, defect } = options
  const kinds = (Object.keys(WEIGHTS) as PlaneAction['do'][]).filter(
    kind => registry === 'nats' || !ONLY_NATS.has(kind),
  )
  const draw = (): PlaneAction['do'] => {
    let left = randomFraction(random) * kinds.reduce((sum, kind) => sum + WEIGHTS[kind], 0)
    for (const kind of kinds) {
      left -= WEIGHTS[kind]
      if (left < 0) return kind
    }
    return at(kinds, 0)
  }
  const member = () => {
    const index = below(controllers + routers + hosts)
    if (index < controllers) return { role: 'controller', index } as const
    if (index < controllers + routers) return { role: 'router', index: index - controllers } as const
    return { role: 'host', index: index - controllers - routers } as const
  }
  const actionAt = (atMs: number): PlaneAction => {
    const kind = draw()
    const forMs = log(500, MOST_FAULT_MS)
    switch (kind) {
      case 'kill':
        return { atMs, do: kind, ...member() }
      case 'start':
        return { atMs, do: kind, ...member(), keepsFiles: below(4) > 0 }
      case 'stop':
      case 'cut':
        return { atMs, do: kind, ...member(), forMs }
      case 'skew':
        return { atMs, do: kind, ...member(), ms: below(2 * MOST_SKEW_MS) - MOST_SKEW_MS }
      case 'leave':
      case 'move':
        return { atMs, do: kind, index: below(hosts) }
      case 'weigh':
        return { atMs, do: kind, index: below(hosts), weight: below(MOST_WEIGHT + 1) }
      case 'outage':
        return { atMs, do: kind, forMs, keepsData: below(3) > 0 }
      case 'full':
      case 'election':
        return { atMs, do: kind, forMs }
      case 'endWatches':
        return { atMs, do: kind }
      case 'rule': {
        const [index, controller, weight] = [below(hosts), below(controllers), below(MOST_WEIGHT + 1)]
        return { atMs, do: kind, index, controller, weight }
      }
    }
  }
  let atMs = 5000
  const actions: PlaneAction[] = []
  for (let left = 1 + below(MOST_ACTIONS); left > 0; left--) {
    atMs += log(LEAST_GAP_MS, MOST_GAP_MS)
    actions.push(actionAt(atMs))
  }
  return {
    ...{ format: PLANE_FORMAT, kind: 'plane', seed: options.seed, registry, controllers, routers, hosts },
    ...{ services: 1 + below(2), latencyMs: log(1, 50), loss: below(3) === 0 ? below(50) / 1000 : 0 },
    ...(defect !== undefined && { defect }),
    calmMs: atMs + REST_MS,
    actions,
  }
}
