/** Plans drawn from a seed: the same seed is the same plan, and neighbouring seeds have nothing in common. */
import { at } from '../../checker/text/at.ts'
import { SCHEDULERS } from '../../impl/transport/stream/bundle/scheduler.ts'
import { Chance } from './chance.ts'
import type { Family, World } from './faults/fault.ts'
import { type FaultLevel, LEVELS } from './faults/levels.ts'
import { FAULT_NAMES, type FaultName, faultOf } from './faults/table.ts'
import { ALL_TRIES, LEAST_LIFETIME_MS } from './limits.ts'
import { type Action, FORMAT, type Plan, type PlanNat, type PlannedEnd } from './plan.ts'

export interface PlanOptions {
  readonly seed: number
  readonly hosts: number
  /** In a row between all hosts. Default 0. */
  readonly routers?: number
  /** Hosts that offer one service together, fewer than all. Default 1. */
  readonly instances?: number
  readonly faults: FaultLevel
  /** True: an attacker off the path sends packets to hosts. */
  readonly attacks?: boolean | undefined
  /** True: connections have several flows. */
  readonly flows?: boolean | undefined
  readonly defect?: string | undefined
}

/** Actions for each flow, beside its connecting, on average. */
const ACTIONS_PER_FLOW = 6
/** Between two actions, at most; the gaps are even in their logarithm, so that many fall into one round trip. */
const MOST_GAP_MS = 3000
/** Two ends finish together this long after their connect at the earliest: a flow that ends before it begins shows little. */
const LEAST_TALK_MS = 500
/** Between the acts of two ends that finish together, at most. */
const MOST_CLOSING_GAP_MS = 200
/** What the mapping and the filtering of a translator depend on. */
const DEPENDENCES = ['none', 'address', 'address and port'] as const
/** A mapping lives for two minutes at most (RFC 4787 asks for that at least; many forget it after 30 s). */
const MOST_LIFETIME_MS = 120_000
/** After the last action, before the network is made well. */
const REST_MS = 3000

/** How often applications do what they do, against faults. */
const ACTS = [
  ['write', 30],
  ['move', 22],
  ['moveBoth', 8],
  ['finish', 10],
  ['finishBoth', 6],
  ['abort', 3],
  ['pause', 3],
  ['resume', 3],
  ['uproot', 10],
  ['addFlow', 6],
  ['removeFlow', 4],
] as const
type Act = (typeof ACTS)[number][0]

/** Bytes of one write: most are small, some take many packets, and some fill the queue of a slow path. */
const MOST_WRITE = 60_000
const MOST_SLOW_WRITE = 600_000

export function generatePlan(options: PlanOptions): Plan {
  const { seed, hosts, routers = 0, instances = 1, faults, defect } = options
  const chance = new Chance(seed)
  const addresses = options.flows ? 2 + chance.below(2) : 1 + chance.below(3)
  const { most } = LEVELS[faults]
  // Half of the runs have a part of the faults only: what one hides, another run without it shows.
  const some = (value: number): number => (chance.oneIn(3) ? 0 : value)
  const reorderMs = most.reorderMs === 0 ? 0 : 1 + chance.below(most.reorderMs)
  const plan = {
    format: FORMAT,
    seed,
    hosts,
    ...(routers > 0 && { routers }),
    ...(instances > 1 && { instances }),
    ...(options.flows && { flows: true }),
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
  const nats = natsOf(options, chance)
  const world = worldOf(options, addresses, nats)
  const actions = new Drawing(chance, world).actions()
  const header = { ...plan, ...(nats.length > 0 && { nats }) }
  return { ...header, calmMs: Math.max(...actions.map(endOf)) + REST_MS, actions }
}

/** Returns when an action is over: hosts sleep for a while. */
const endOf = (action: Action): number => action.atMs + ('forMs' in action ? action.forMs : 0)

/** Returns the translators of a world: some hosts are behind one, and at least one is not. */
function natsOf({ hosts, routers = 0, instances = 1, faults }: PlanOptions, chance: Chance): PlanNat[] {
  if (!(LEVELS[faults].families as readonly Family[]).includes('nat') || routers > 0 || instances > 1)
    return []
  const free = chance.below(hosts)
  return Array.from({ length: hosts }, (_, host) => host)
    .filter(host => host !== free && !chance.oneIn(4))
    .map(host => ({
      host,
      mapping: chance.pick(DEPENDENCES),
      filtering: chance.pick(DEPENDENCES),
      lifetimeMs: chance.between(LEAST_LIFETIME_MS, MOST_LIFETIME_MS),
    }))
}

function worldOf(options: PlanOptions, addresses: number, nats: readonly PlanNat[]): World {
  const { hosts, routers = 0, instances = 1, faults, attacks = false } = options
  const families = new Set<Family>(LEVELS[faults].families)
  if (attacks) families.add('attacks')
  if (options.flows) families.add('networks')
  const translated = nats.map(({ host }) => host)
  return { hosts, stations: hosts + routers, instances, addresses, translated, families }
}

class Drawing {
  readonly #chance: Chance
  readonly #world: World
  readonly #kinds: readonly (readonly [Act | FaultName, number])[]
  readonly #mostWrite: number
  /** Hosts that others can connect to. */
  readonly #offering: readonly number[]
  readonly #actions: Action[] = []
  #atMs = 0
  #flows = 0
  readonly #connectedAtMs: number[] = []

  constructor(chance: Chance, world: World) {
    this.#chance = chance
    this.#world = world
    this.#offering = Array.from({ length: world.hosts }, (_, host) => host).filter(
      host => !world.translated.includes(host),
    )
    this.#mostWrite = world.families.has('queues') ? MOST_SLOW_WRITE : MOST_WRITE
    this.#kinds = [
      ...ACTS.filter(([act]) => mayAct(act, world)),
      ...FAULT_NAMES.map(name => [name, faultOf(name).weight(world)] as const),
    ]
  }

  actions(): Action[] {
    const chance = this.#chance
    const flows = 1 + chance.below(2 * this.#world.hosts - 1)
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
    const { hosts, instances, addresses } = this.#world
    const first = instances > 1 ? instances : 0
    const host = first + chance.below(hosts - first)
    const to = this.#target(host)
    const places = { from: chance.below(addresses), via: chance.below(addresses) }
    const protocol = chance.oneIn(5) ? 'datagram' : 'stream'
    this.#connectedAtMs.push(this.#atMs)
    this.#actions.push({
      atMs: this.#atMs,
      do: 'connect',
      flow: this.#flows++,
      ...{ host, from: places.from, to, via: places.via },
      protocol,
      ...(this.#world.families.has('networks') && {
        flows: chance.pick(['all', 'failover']),
        ...(protocol === 'datagram' && { scheduler: chance.pick(SCHEDULERS) }),
      }),
    } as Action)
  }

  /** Nobody connects to a host behind a translator. */
  #target(host: number): number {
    const { hosts, translated } = this.#world
    const to = this.#other(host, hosts)
    if (!translated.includes(to)) return to
    return this.#chance.pick(this.#offering.filter(one => one !== host || this.#offering.length === 1))
  }

  #other(one: number, count: number): number {
    return count === 1 ? 0 : (one + 1 + this.#chance.below(count - 1)) % count
  }

  #another(): void {
    const [chance, world, atMs] = [this.#chance, this.#world, this.#atMs]
    const kind = chance.weighted(this.#kinds)
    const flow = chance.below(this.#flows)
    const end = chance.oneIn(2) ? 'client' : 'server'
    const fault = isFault(kind) ? faultOf(kind) : undefined
    const count = fault?.hitsRouters ? world.stations : world.hosts
    const host = chance.below(count)
    const drawn = {
      chance,
      world,
      host,
      address: chance.below(world.addresses),
      to: this.#other(host, count),
    }
    if (fault !== undefined) this.#actions.push({ atMs, do: kind, ...fault.draw(drawn) } as Action)
    else this.#act(kind as Act, flow, end)
  }

  #act(act: Act, flow: number, end: PlannedEnd): void {
    const chance = this.#chance
    const atMs = this.#atMs
    if (act === 'moveBoth') this.#moveBoth(flow)
    else if (act === 'finishBoth') this.#finishBoth(flow)
    else if (act === 'write')
      this.#actions.push({ atMs, do: act, flow, end, bytes: chance.size(this.#mostWrite) })
    else if (act === 'move') this.#move(flow, end)
    else if (act === 'addFlow') this.#addFlow(flow, end)
    else if (act === 'uproot') this.#actions.push({ atMs, do: act, flow })
    else this.#actions.push({ atMs, do: act, flow, end })
  }

  #move(flow: number, end: PlannedEnd): void {
    this.#actions.push({
      ...{ atMs: this.#atMs, do: 'move', flow, end },
      address: this.#chance.below(this.#world.addresses),
    })
  }

  #addFlow(flow: number, end: PlannedEnd): void {
    const [chance, { addresses }] = [this.#chance, this.#world]
    const places = { address: chance.below(addresses), peerAddress: chance.below(addresses) }
    this.#actions.push({ atMs: this.#atMs, do: 'addFlow', flow, end, ...places })
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
}

function mayAct(act: Act, { stations, hosts, addresses, families }: World): boolean {
  if (act === 'uproot') return stations > hosts && addresses > 1
  // Also beside faults that end a join: a removal waits until the peer has confirmed another flow.
  if (act === 'addFlow' || act === 'removeFlow') return families.has('networks')
  return true
}

const isFault = (kind: Act | FaultName): kind is FaultName =>
  (FAULT_NAMES as readonly string[]).includes(kind)
