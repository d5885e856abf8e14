/** Judges a service plane: what each member knows, against what is true. */
import { prefixOfId, serviceIdOf } from '../../../impl/host/services/serviceId.ts'
import { printAddress } from '../../../impl/link/address.ts'
import { BINDING } from '../../../spec/machines/rendezvous/states.ts'
import { Findings } from '../findings.ts'
import type { Member } from './member.ts'
import { type ControllerMember, type HostMember, type RouterMember, serviceOf } from './members.ts'
import type { PlaneRule } from './rules.ts'
import { AGREE_MS, type World } from './world.ts'

/** The lease of all registrations, ms. */
const LEASE_MS = 30_000
/** Instances of the host's own network precede others by this. */
const NEAR_PRIORITY = 10_000

/** How long a rendezvous may take to know a host that has started again: until the lease of its former life ends, ms. */
const MEET_MS = 80_000

/** Weights by address. */
type Weights = ReadonlyMap<string, number>

const isWell = ({ isUp, process, isCut }: Member): boolean => isUp && process.isRunning && !isCut

/** Without a controller everybody goes on with what they know. */
const isOpen = (one: ControllerMember): boolean => one.controller !== undefined && isWell(one)

export class Judge {
  readonly findings = new Findings<PlaneRule>()
  /** How often a service was compared. */
  compared = 0
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  /** Compares everything that must be settled by now. */
  check(): void {
    const { blockedMs, changedMs, plan, routers, controllers } = this.#world
    if (!controllers.some(isOpen)) return
    // While the registry stores nothing, later changes may not arrive, so nothing is compared.
    if (blockedMs < Infinity && changedMs + AGREE_MS > blockedMs) return
    if (!this.#isSettled(changedMs)) return
    for (let number = 0; number < plan.services; number++) this.#compare(serviceOf(number))
    for (const router of routers.slice(0, 1)) this.#meets(router)
  }

  /** A controller has opened its registry: it knows everything that was confirmed. */
  opened(controller: ControllerMember): void {
    const { hosts, lostMs, now } = this.#world
    for (const host of hosts) {
      const { confirmedMs, service, addressText, name } = host
      if (!isWell(host) || confirmedMs === undefined || confirmedMs <= lostMs || host.isEvicted !== false)
        continue
      if (atController(controller, service).has(addressText)) continue
      this.findings.add('confirmed', now, `${controller.name} has lost ${name} at ${addressText}`)
    }
  }

  /** A client has asked for a service since `askedMs`. */
  answered(service: string, askedMs: number, name: string | undefined, code: string): void {
    const { hosts, changedMs, routers, now, ruled, blockedMs, controllers } = this.#world
    if (blockedMs < Infinity || !controllers.some(isOpen)) return
    const those = hosts.filter(host => host.service === service)
    const isCalm = [...those, ...routers].every(one => isWell(one) && askedMs - one.changedMs > AGREE_MS)
    if (!isCalm || askedMs - changedMs <= AGREE_MS || changedMs > askedMs) return
    if (those.some(({ changedMs }) => changedMs > askedMs)) return
    const weightOf = (host: HostMember): number => ruled.get(host.addressText) ?? host.weight
    if (those.some(({ isEvicted }) => isEvicted === undefined)) return
    const open = those.filter(host => weightOf(host) > 0 && host.isEvicted === false)
    if (open.length === 0) return
    if (name === undefined) this.findings.add('reached', now, `the client does not reach ${service}: ${code}`)
    else if (!open.some(host => host.name === name))
      this.findings.add('reached', now, `the client reaches ${name}, which drains or is evicted`)
  }

  #isSettled(changedMs: number): boolean {
    return this.#world.now - changedMs > AGREE_MS
  }

  #compare(service: string): void {
    const { hosts, controllers, routers, blockedMs, ruled } = this.#world
    const those = hosts.filter(host => host.service === service)
    // A dead host is resolved until its lease ends.
    const settledMs = (host: HostMember): number => host.changedMs + (isWell(host) ? 0 : LEASE_MS)
    if (those.some(host => !this.#isSettled(settledMs(host)) || settledMs(host) + AGREE_MS > blockedMs))
      return
    // Nobody knows whether an order was carried out whose controller died, or whose registry lost its data.
    if (those.some(({ isEvicted }) => isEvicted === undefined)) return
    const evicted = those.filter(({ isEvicted }) => isEvicted).map(({ addressText }) => addressText)
    const serving = those.filter(host => isWell(host) && host.isEvicted === false)
    const expected = new Map(
      serving.map(({ addressText, weight }) => [addressText, ruled.get(addressText) ?? weight]),
    )
    this.compared++
    for (const one of controllers)
      if (one.controller !== undefined && this.#isJudged(one))
        this.#judge(one.name, service, atController(one, service), expected, evicted)
    // An operator's rule leads to its address, whether or not an instance is there.
    for (const one of routers)
      if (this.#isJudged(one))
        this.#judge(one.name, service, without(atRouter(one, service), ruled, expected), expected, evicted)
  }

  #isJudged(member: Member): boolean {
    return isWell(member) && this.#isSettled(member.changedMs)
  }

  #judge(who: string, service: string, found: Weights, expected: Weights, evicted: readonly string[]): void {
    const { findings } = this
    const { now, plan } = this.#world
    for (const [address, weight] of expected) {
      const known = found.get(address)
      if (known === undefined) findings.add('resolvable', now, `${who} has no ${service} at ${address}`)
      // Two probes in a row may be lost, and then an instance is ejected until the next one.
      else if (known !== weight && !(known === 0 && plan.loss > 0))
        findings.add('weights', now, `${who} has weight ${known} for ${address} instead of ${weight}`)
    }
    for (const address of found.keys())
      if (!expected.has(address))
        findings.add(
          evicted.includes(address) ? 'evicted' : 'dead',
          now,
          `${who} still has ${service} at ${address}`,
        )
  }

  /** The rendezvous knows each host where it is. */
  #meets(router: RouterMember): void {
    const { rendezvous } = router
    const { hosts, now } = this.#world
    if (rendezvous === undefined || !this.#isJudged(router)) return
    for (const host of hosts) {
      const { name, address, addressText } = host
      const about = rendezvous.about(address)
      const isThere = about?.rendezvous === BINDING.BOUND && about.address === address
      if (!this.#isJudged(host) || isThere || now - host.changedMs < MEET_MS) continue
      this.findings.add('met', now, `the rendezvous does not know ${name} at ${addressText}`)
    }
  }
}

const without = (found: Weights, ruled: Weights, expected: Weights): Weights =>
  new Map([...found].filter(([address]) => expected.has(address) || !ruled.has(address)))

const atController = ({ controller }: ControllerMember, service: string): Weights =>
  new Map(
    (controller?.list() ?? [])
      .filter(row => row.service === service && row.out !== 'evicted')
      .map(row => [row.address, row.weight]),
  )

function atRouter({ stack }: RouterMember, service: string): Weights {
  const rules = stack?.host.services.rulesAt(prefixOfId(serviceIdOf(service))) ?? []
  // The rule that lets packets wait has the priority 0.
  const those = rules.filter(({ priority }) => priority % NEAR_PRIORITY > 0)
  return new Map(
    those.flatMap(({ target, weight }) =>
      target.kind === 'forward' ? [[printAddress(target.address), weight] as const] : [],
    ),
  )
}
