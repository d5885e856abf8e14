/** The service plane of a run: its members, its registry, and what is wrong with them just now. */
import { at } from '../../../checker/text/at.ts'
import { MemoryRegistry } from '../../../impl/controller/registry/memory.ts'
import { NatsRegistry } from '../../../impl/controller/registry/nats.ts'
import type { Registry } from '../../../impl/controller/registry/registry.ts'
import type { Datagram } from '../../../impl/link/link.ts'
import { Network } from '../../../impl/link/memory.ts'
import { DiskModel } from './diskModel.ts'
import { addressOf, chanceOf, type Member } from './member.ts'
import { ClientMember, ControllerMember, HostMember, RouterMember } from './members.ts'
import { NatsModel } from './natsModel.ts'
import type { PlanePlan, Role } from './plan.ts'
import type { VirtualTime } from './virtualTime.ts'

/** A network whose events are those of the run. */
class PlaneNetwork extends Network {
  readonly #time: VirtualTime

  constructor(time: VirtualTime, latencyMs: number) {
    super({ latencyMs: () => latencyMs })
    this.#time = time
  }

  override at(timeMs: number, run: () => void): void {
    this.#time.at(timeMs, () => {
      this.advance(timeMs)
      run()
    })
  }

  override carry(batch: readonly Datagram[]): void {
    this.advance(this.#time.now)
    super.carry(batch)
  }
}

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i)

/** How long after a fault, or after it is over, all members agree again, ms. */
export const AGREE_MS = 45_000

/** Faults during which the registry stores nothing. */
export type Blocking = 'outage' | 'full' | 'election'

export class World {
  readonly plan: PlanePlan
  readonly time: VirtualTime
  readonly controllers: readonly ControllerMember[]
  readonly routers: readonly RouterMember[]
  readonly hosts: readonly HostMember[]
  readonly client: ClientMember
  readonly nats: NatsModel
  readonly disk: DiskModel
  /** When something last happened that concerns all members, ms. */
  changedMs = 0
  /** When the registry began to refuse or ignore writes; Infinity while it works. */
  blockedMs = Infinity
  /** When the registry last lost what it had stored, ms. */
  lostMs = -1
  /** The weights that operators have set and a controller has confirmed, by address. */
  readonly ruled = new Map<string, number>()
  readonly #blocks: Record<Blocking, number> = { outage: 0, full: 0, election: 0 }
  readonly #chance: () => number

  constructor(plan: PlanePlan, time: VirtualTime, opened: (controller: ControllerMember) => void) {
    this.plan = plan
    this.time = time
    this.#chance = chanceOf(plan.seed)
    this.nats = new NatsModel(time, this.#chance)
    this.disk = new DiskModel(time)
    const network = new PlaneNetwork(time, plan.latencyMs)
    const around = { plan, time, network, passes: (datagram: Datagram) => this.#passes(datagram) }
    const registry = (): Registry =>
      plan.registry === 'nats'
        ? new NatsRegistry({ servers: ['nats.invalid:4222'] }, () => this.nats.connect())
        : new MemoryRegistry({ file: 'journal', disk: this.disk })
    this.controllers = range(plan.controllers).map(i => new ControllerMember(i, around, registry, opened))
    this.routers = range(plan.routers).map(i => new RouterMember(i, around))
    this.hosts = range(plan.hosts).map(i => new HostMember(i, around))
    this.client = new ClientMember(around)
  }

  get now(): number {
    return this.time.now
  }

  get all(): readonly Member[] {
    return [...this.controllers, ...this.routers, ...this.hosts, this.client]
  }

  member(role: Role, index: number): Member {
    const members: Readonly<Record<Role, readonly Member[]>> = {
      ...{ controller: this.controllers, router: this.routers, host: this.hosts },
    }
    return at(members[role], index)
  }

  /** Something has happened to a member. What happens to a controller concerns all. */
  changed(member: Member): void {
    member.changedMs = this.now
    if (member instanceof ControllerMember) this.changedMs = this.now
    if (member instanceof HostMember) member.confirmedMs = undefined
  }

  /** The registry loses all that it has stored. */
  lose(): void {
    this.lostMs = this.now
    this.changedMs = this.now
    // Evictions survive only if a controller remembers them.
    for (const host of this.hosts) if (host.isEvicted !== false) host.isEvicted = undefined
    this.nats.clear()
    this.disk.clear()
  }

  /** The registry stores nothing for a while. Faults may overlap. */
  block(kind: Blocking, forMs: number): void {
    if (this.blockedMs === Infinity) this.blockedMs = this.now
    this.#blocks[kind]++
    this.#spread()
    this.time.at(this.now + forMs, () => {
      this.#blocks[kind]--
      this.#spread()
    })
  }

  #spread(): void {
    const { outage, full, election } = this.#blocks
    if (outage + full + election === 0) {
      // What was settled before stays settled: nobody may notice that the registry was away.
      for (const member of this.all)
        if (member.changedMs > this.blockedMs - AGREE_MS) member.changedMs = this.now
      if (this.changedMs > this.blockedMs - AGREE_MS) this.changedMs = this.now
      this.blockedMs = Infinity
    }
    this.nats.isFull = full > 0
    this.disk.isFull = full > 0
    this.nats.become(outage > 0 ? 'down' : election > 0 ? 'leaderless' : 'up')
  }

  /** The network loses packets by chance, and between controllers and members that are cut off. */
  #passes({ from, to }: Datagram): boolean {
    if (this.#chance() < this.plan.loss) return false
    for (const member of this.all) {
      if (!member.isCut) continue
      const { address } = member
      const isIn = from === address || to === address
      const other = from === address ? to : from
      const isOfController =
        member.role === 'controller' || this.controllers.some(one => one.address === other)
      if (isIn && isOfController && other !== addressOf('client', 0)) return false
    }
    return true
  }
}
