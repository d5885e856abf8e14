/** Plans drawn from a seed: the same seed is the same plan, and neighbouring seeds have nothing in common. */
import { at, must } from '../../checker/text/at.ts'
import { randomFraction, seededRandom } from '../../impl/host/random/random.ts'
import { DEFAULT_MTU } from '../../impl/link/link.ts'
import { ALL_TRIES, LEAST_WIDTH, MOST_SEED } from './limits.ts'
import { type Action, FORMAT, type Plan, type PlanFaults } from './plan.ts'

/** `narrow`: mild, and paths that drop long packets. */
export type FaultLevel = 'none' | 'mild' | 'harsh' | 'narrow'

export const FAULT_LEVELS: readonly FaultLevel[] = ['none', 'mild', 'harsh', 'narrow']

export interface PlanOptions {
  readonly seed: number
  readonly hosts: number
  /** In a row between all hosts; 0 unless told. */
  readonly routers?: number
  /** Hosts that offer one service together, fewer than all; 1 unless told. */
  readonly instances?: number
  readonly faults: FaultLevel
  /** Whether an attacker off the path sends packets to hosts; not unless told. */
  readonly attacks?: boolean | undefined
  readonly defect?: string | undefined
}

const MILD = {
  loss: 0.02,
  duplication: 0.01,
  corruption: 0.005,
  reordering: 0.05,
  reorderMs: 20,
  jitterMs: 5,
}

/** The largest values of what each level draws. */
const LEVELS: Readonly<Record<FaultLevel, PlanFaults>> = {
  none: { loss: 0, duplication: 0, corruption: 0, reordering: 0, reorderMs: 0, jitterMs: 0 },
  mild: MILD,
  harsh: { loss: 0.3, duplication: 0.15, corruption: 0.05, reordering: 0.3, reorderMs: 120, jitterMs: 60 },
  narrow: MILD,
}

/** Actions for each flow, beside its connecting, on average. */
const ACTIONS_PER_FLOW = 6
/** Between two actions, at most; the gaps are even in their logarithm, so that many fall into one round trip. */
const MOST_GAP_MS = 3000
/** Two ends finish together this long after their connect at the earliest: a flow that ends before it begins shows little. */
const LEAST_TALK_MS = 500
/** Between the acts of two ends that finish together, at most. */
const MOST_CLOSING_GAP_MS = 200
/** After the last action, before the network is made well. */
const REST_MS = 3000

/** Chances of actions, against each other. */
const WEIGHTS = {
  write: 30,
  move: 22,
  moveBoth: 8,
  finish: 10,
  finishBoth: 6,
  abort: 3,
  pause: 3,
  resume: 3,
  vanish: 7,
  return: 6,
  reassign: 1,
  cut: 5,
  heal: 5,
  crash: 2,
  restart: 3,
  unlisten: 1,
  listen: 2,
  uproot: 10,
  weigh: 8,
  leave: 3,
  join: 5,
  attack: 10,
  narrow: 15,
} as const
type ActionKind = keyof typeof WEIGHTS

const FAULTS_OF_HOSTS: ReadonlySet<ActionKind> = new Set([
  ...(['vanish', 'reassign', 'cut', 'crash', 'unlisten', 'leave'] as const),
])
/** The first packets of streams, after IPv6 and UDP. */
const BASE_WIDTH = 1280 - 40 - 8
/** Largest weight that is drawn; 0 is one of four. */
const MOST_WEIGHT = 3

class Chance {
  readonly #random: () => number

  constructor(seed: number) {
    const source = seededRandom(seed)
    this.#random = () => randomFraction(source)
  }

  below(n: number): number {
    return Math.floor(this.#random() * n)
  }

  /** From 1 to `most`, even in the logarithm. */
  size(most: number): number {
    return Math.round(Math.exp(this.#random() * Math.log(most)))
  }

  share(most: number): number {
    return Math.round(this.#random() * most * 1000) / 1000
  }

  oneIn(n: number): boolean {
    return this.below(n) === 0
  }

  weighted<K extends string>(weights: Readonly<Record<K, number>>, may: (kind: K) => boolean): K {
    const kinds = (Object.keys(weights) as K[]).filter(may)
    let left = this.#random() * kinds.reduce((sum, kind) => sum + weights[kind], 0)
    for (const kind of kinds) {
      left -= weights[kind]
      if (left < 0) return kind
    }
    return must(kinds.at(-1))
  }
}

/** Packets of one attack: some are more than any backlog holds. */
const MOST_ATTACK = 1000
/** Bytes of one write: most are small, some take many packets. */
const MOST_WRITE = 60_000

export function generatePlan(options: PlanOptions): Plan {
  const { seed, hosts, routers = 0, instances = 1, faults, defect } = options
  const chance = new Chance(seed)
  const addresses = 1 + chance.below(3)
  const most = LEVELS[faults]
  // Half of the runs have a part of the faults only: what one hides, another run without it shows.
  const some = (value: number): number => (chance.oneIn(3) ? 0 : value)
  const reorderMs = most.reorderMs === 0 ? 0 : 1 + chance.below(most.reorderMs)
  const plan = {
    format: FORMAT,
    seed,
    hosts,
    ...(routers > 0 && { routers }),
    ...(instances > 1 && { instances }),
    addresses,
    latencyMs: chance.size(100),
    tries: chance.oneIn(8) ? 1 + chance.below(3) : ALL_TRIES,
    faults: {
      loss: some(chance.share(most.loss)),
      duplication: some(chance.share(most.duplication)),
      corruption: some(chance.share(most.corruption)),
      reordering: some(chance.share(most.reordering)),
      reorderMs,
      jitterMs: some(chance.below(most.jitterMs + 1)),
    },
    ...(defect === undefined ? {} : { defect }),
  } as const
  const actions = new Drawing(chance, { ...options, addresses }).actions()
  return { ...plan, calmMs: (actions.at(-1)?.atMs ?? 0) + REST_MS, actions }
}

class Drawing {
  readonly #chance: Chance
  readonly #hosts: number
  /** Hosts, and routers after them. */
  readonly #stations: number
  readonly #instances: number
  readonly #addresses: number
  readonly #level: FaultLevel
  readonly #attacks: boolean
  readonly #actions: Action[] = []
  #atMs = 0
  #flows = 0
  readonly #connectedAtMs: number[] = []

  constructor(chance: Chance, options: PlanOptions & { readonly addresses: number }) {
    const { hosts, routers = 0, instances = 1 } = options
    this.#chance = chance
    this.#hosts = hosts
    this.#stations = hosts + routers
    this.#instances = instances
    this.#addresses = options.addresses
    this.#level = options.faults
    this.#attacks = options.attacks ?? false
  }

  actions(): Action[] {
    const chance = this.#chance
    const flows = 1 + chance.below(2 * this.#hosts - 1)
    const others = flows * (1 + chance.below(2 * ACTIONS_PER_FLOW))
    this.#connect()
    for (let left = flows - 1 + others; left > 0; left--) {
      this.#atMs += chance.size(MOST_GAP_MS) - 1
      if (this.#flows < flows && chance.below(left) < flows - this.#flows) this.#connect()
      else this.#another()
    }
    return this.#actions
  }

  #connect(): void {
    const chance = this.#chance
    const first = this.#instances > 1 ? this.#instances : 0
    const host = first + chance.below(this.#hosts - first)
    const to = this.#other(host, this.#hosts)
    this.#connectedAtMs.push(this.#atMs)
    this.#actions.push({
      atMs: this.#atMs,
      do: 'connect',
      flow: this.#flows++,
      ...{ host, from: chance.below(this.#addresses), to, via: chance.below(this.#addresses) },
      protocol: chance.oneIn(5) ? 'datagram' : 'stream',
    })
  }

  #other(one: number, count: number): number {
    return count === 1 ? 0 : (one + 1 + this.#chance.below(count - 1)) % count
  }

  /** Whether things of this kind happen in such a world. */
  #may(kind: ActionKind): boolean {
    const routers = this.#stations - this.#hosts
    if (this.#level === 'none' && FAULTS_OF_HOSTS.has(kind)) return false
    if (kind === 'attack') return this.#attacks
    if (kind === 'narrow') return this.#level === 'narrow' && this.#hosts > 1
    if (kind === 'uproot') return routers > 0 && this.#addresses > 1
    if (kind === 'weigh') return routers > 0 && this.#instances > 1
    if (kind === 'leave' || kind === 'join') return this.#instances > 1
    return this.#hosts > 1 || !NEEDS_ANOTHER.has(kind)
  }

  #another(): void {
    const chance = this.#chance
    const kind = chance.weighted(WEIGHTS, kind => this.#may(kind))
    const atMs = this.#atMs
    const flow = chance.below(this.#flows)
    const end = chance.oneIn(2) ? 'client' : 'server'
    const count = OF_ROUTERS.has(kind) ? this.#stations : this.#hosts
    const host = chance.below(count)
    const address = chance.below(this.#addresses)
    const to = this.#other(host, count)
    if (kind === 'moveBoth') this.#moveBoth(flow)
    else if (kind === 'finishBoth') this.#finishBoth(flow)
    else if (kind === 'write')
      this.#actions.push({ atMs, do: kind, flow, end, bytes: chance.size(MOST_WRITE) })
    else if (kind === 'move') this.#move(flow, end)
    else if (kind === 'vanish')
      this.#actions.push({ atMs, do: kind, host, address, follow: !chance.oneIn(3) })
    else if (kind === 'return') this.#actions.push({ atMs, do: kind, host, address })
    else if (kind === 'reassign') this.#actions.push({ atMs, do: kind, host, address, to })
    else if (kind === 'cut' || kind === 'heal') this.#actions.push({ atMs, do: kind, host, to })
    else if (kind === 'crash') this.#actions.push({ atMs, do: kind, host, keepsSecret: chance.oneIn(2) })
    else if (kind === 'restart' || kind === 'listen' || kind === 'unlisten')
      this.#actions.push({ atMs, do: kind, host })
    else if (kind === 'uproot') this.#actions.push({ atMs, do: kind, flow })
    else if (kind === 'attack') this.#attack(host, address)
    else if (kind === 'narrow') this.#narrow(host, to)
    else if (kind === 'weigh' || kind === 'leave' || kind === 'join') this.#ofInstances(kind)
    else this.#actions.push({ atMs, do: kind, flow, end })
  }

  #move(flow: number, end: 'client' | 'server'): void {
    this.#actions.push({
      ...{ atMs: this.#atMs, do: 'move', flow, end },
      address: this.#chance.below(this.#addresses),
    })
  }

  #moveBoth(flow: number): void {
    for (const end of ['client', 'server'] as const) this.#move(flow, end)
  }

  /** Both ends finish, and often move before the other has heard of it: the states of closing last one round trip. */
  #finishBoth(flow: number): void {
    const chance = this.#chance
    this.#atMs = Math.max(this.#atMs, at(this.#connectedAtMs, flow) + LEAST_TALK_MS)
    for (const end of ['client', 'server'] as const) {
      this.#actions.push({ atMs: this.#atMs, do: 'finish', flow, end })
      this.#atMs += chance.size(MOST_CLOSING_GAP_MS) - 1
    }
    const moves = chance.below(4)
    if (moves === 0) this.#moveBoth(flow)
    else if (moves < 3) this.#move(flow, chance.oneIn(2) ? 'client' : 'server')
  }

  #attack(host: number, address: number): void {
    const chance = this.#chance
    this.#actions.push({
      ...{ atMs: this.#atMs, do: 'attack', host, address },
      kind: chance.oneIn(2) ? 'flood' : 'forge',
      ...{ packets: chance.size(MOST_ATTACK), seed: chance.below(MOST_SEED) },
    })
  }

  /** Mostly to a width that tunnels have, sometimes to less than the base from which streams begin. */
  #narrow(host: number, to: number): void {
    const least = this.#chance.oneIn(4) ? LEAST_WIDTH : BASE_WIDTH
    const bytes = least + this.#chance.below(DEFAULT_MTU - least)
    this.#actions.push({ atMs: this.#atMs, do: 'narrow', host, to, bytes })
  }

  #ofInstances(kind: 'weigh' | 'leave' | 'join'): void {
    const [atMs, host] = [this.#atMs, this.#chance.below(this.#instances)]
    if (kind === 'weigh')
      this.#actions.push({ atMs, do: kind, host, weight: this.#chance.below(MOST_WEIGHT + 1) })
    else this.#actions.push({ atMs, do: kind === 'join' ? 'listen' : 'unlisten', host })
  }
}

/** Actions that need more than one host. */
const NEEDS_ANOTHER: ReadonlySet<ActionKind> = new Set(['reassign', 'cut', 'heal'])
/** Actions that happen to routers too. */
const OF_ROUTERS: ReadonlySet<ActionKind> = new Set(['vanish', 'return', 'cut', 'heal', 'crash', 'restart'])
