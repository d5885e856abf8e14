/** A controller's state, kept equal to its registry: registrations, and operators' rules. */
import { randomBytes } from 'node:crypto'
import { Faults } from '../sockets/faults.ts'
import { Alarm } from './alarm.ts'
import { PlaneError } from './errors.ts'
import type { Claimed, Outcome } from './instance.ts'
import { BEAT_MS, KEEPER_KEY, Keepers } from './keepers.ts'
import { STANDING_LIMIT } from './limits.ts'
import type { Answer, Renew } from './messages.ts'
import { INSTANCE_KEY, type InstanceRecord, readInstance } from './records.ts'
import type { RegistrationEvents, RegistrationOptions } from './registrationOptions.ts'
import { Registrations } from './registrations.ts'
import { RegistryError } from './registry/errors.ts'
import type { Entry, Registry } from './registry/registry.ts'
import { RegistryHealth } from './registryHealth.ts'
import { RULE_KEY, readStanding, Standing, type StandingRule, standingKey } from './standing.ts'

export interface LedgerEvents<Peer> extends Pick<RegistrationEvents<Peer>, 'confirm' | 'refuse' | 'changed'> {
  /** Called when operators' rules for this prefix have changed. */
  readonly ruled: (prefix: string) => void
  /** Called with the registry's fault; empty while it answers and stores. */
  readonly trouble: (what: string) => void
}

export interface LedgerOptions extends Omit<RegistrationOptions, 'isShared' | 'keepers'> {
  /** Of the controller, among those of a shared registry: 16 hexadecimal digits. Default: random. */
  readonly name?: string
}

/** A controller that has missed more than this, ms, was suspended, or its clock was set: less is a busy machine. */
const MISSED_MS = 1000

/** Faults of all registries in this process. */
export const ledgerFaults = new Faults()

export class Ledger<Peer> {
  readonly registrations: Registrations<Peer>
  readonly standing = new Standing()
  /** Entries of the registry that no controller can have written, and writes that the registry refused. */
  readonly counters = { unusable: 0, unwritten: 0 }
  readonly health: RegistryHealth
  isReachable = false
  /** A shared registry refuses writes, although its connection stands: a cluster without a majority. */
  #isDoubtful = false
  #isClosed = false
  /** Numbers writes, in order. */
  #writes = 0
  #newestAnswered = 0
  readonly #registry: Registry
  readonly #events: LedgerEvents<Peer>
  readonly #now: () => number
  readonly #alarm: Alarm
  /** Of a shared registry. */
  readonly #keepers: Keepers | undefined
  #beating: NodeJS.Timeout | undefined
  #isBeating = false

  constructor(registry: Registry, events: LedgerEvents<Peer>, now: () => number, options: LedgerOptions) {
    this.#registry = registry
    this.#events = events
    this.#now = now
    this.health = new RegistryHealth(events.trouble)
    this.#alarm = new Alarm(now, missedMs => {
      // Hosts could not renew their leases meanwhile, or their renewals are still unread.
      if (Math.abs(missedMs) > MISSED_MS) this.registrations.restart(now())
      this.registrations.poll(now())
      this.#arm()
    })
    const { store, renew } = {
      store: (key: string, record: InstanceRecord | undefined, revision: number) =>
        void this.#store(key, record, revision),
      renew: (key: string, record: InstanceRecord, revision: number) =>
        void this.#renew(key, record, revision),
    }
    const { isShared } = registry
    const { name = randomBytes(8).toString('hex'), ...limits } = options
    this.#keepers = isShared ? new Keepers(name) : undefined
    this.registrations = new Registrations(
      { ...events, store, renew },
      { isShared, ...limits, ...(this.#keepers && { keepers: this.#keepers }) },
    )
  }

  /** Resolves when everything in the registry is known. Rejects with a RegistryError. */
  async open(): Promise<void> {
    await this.#registry.open({
      entry: entry => this.#see(entry),
      lost: () => {
        this.health.lost()
        this.registrations.lose()
        this.standing.lose()
        this.#keepers?.lose()
      },
      reachable: isReachable => {
        this.isReachable = isReachable
        this.#isDoubtful = false
        this.registrations.reach(isReachable, this.#now())
        this.health.reachable(isReachable)
        if (isReachable) void this.#restoreRules()
        this.#arm()
      },
    })
    this.#arm()
    if (this.#keepers === undefined) return
    this.#beating = setInterval(() => void this.#beat(), BEAT_MS).unref()
    await this.#beat()
  }

  /** Stores that this controller lives, and removes the entries of dead ones. */
  async #beat(): Promise<void> {
    const keepers = this.#keepers
    if (keepers === undefined || !this.isReachable || this.#isBeating) return
    this.#isBeating = true
    const now = this.#now()
    try {
      keepers.hear(keepers.own, await this.#write(keepers.key, {}, keepers.revision()), now)
      for (const name of keepers.dead(now))
        await this.#write(`${KEEPER_KEY}.${name}`, undefined, keepers.revision(name))
    } catch (error) {
      // A conflict over the own entry: its revision is on its way. The next beat is soon.
      if (!(error instanceof RegistryError)) ledgerFaults.note('a sign of life', error)
    }
    this.#isBeating = false
  }

  /** For people. */
  get registryName(): string {
    return this.#registry.name
  }

  claim(claimed: Claimed<Peer>): void {
    this.registrations.claim(claimed, this.#now())
    this.#arm()
  }

  /** Renews leases by their tickets. Returns the answer. `host`: how its addresses begin. */
  renew({ number, tickets }: Renew, peer: Peer, host: string): Answer {
    const now = this.#now()
    const lapsed: number[] = []
    for (const [place, ticket] of tickets.entries())
      if (!this.registrations.renew(ticket, peer, host, now)) lapsed.push(place)
    this.#arm()
    return { type: 'renewed', number, lapsed }
  }

  /** Carries out an operator's order about an instance. Resolves when the registry has stored it, or cannot. */
  order(key: string, type: 'EVICT' | 'ADMIT'): Promise<Outcome> {
    return new Promise(resolve => {
      this.registrations.order(key, type, resolve, this.#now())
      this.#arm()
    })
  }

  /** Resolves when the registry has stored the rule. Rejects with CONTROLLER_LIMIT, or a RegistryError. */
  async addRule(rule: StandingRule): Promise<void> {
    const key = standingKey(rule)
    const revision = this.standing.revision(key)
    if (revision === 0 && this.standing.size >= STANDING_LIMIT)
      throw new PlaneError('CONTROLLER_LIMIT', `there are ${STANDING_LIMIT} rules already; remove some`)
    const { priority, weight } = this.standing.rule(key) ?? {}
    const whole = {
      ...(priority !== undefined && { priority }),
      ...(weight !== undefined && { weight }),
      ...rule,
    }
    this.#rule(key, whole, await this.#write(key, whole, revision))
  }

  /** Resolves to whether there was such a rule. Rejects with a RegistryError. */
  async removeRule(rule: Omit<StandingRule, 'priority' | 'weight'>): Promise<boolean> {
    const key = standingKey(rule)
    const revision = this.standing.revision(key)
    if (revision === 0) return false
    await this.#write(key, undefined, revision)
    this.#rule(key, undefined, 0)
    return true
  }

  /** Stores rules again that the registry has lost. If another controller was faster, its rule arrives as a change. */
  async #restoreRules(): Promise<void> {
    for (const [key, rule] of this.standing.unstored())
      try {
        this.#rule(key, rule, await this.#write(key, rule, 0))
      } catch (error) {
        if (!(error instanceof RegistryError)) ledgerFaults.note('a rule that was stored again', error)
      }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#alarm.stop()
    clearInterval(this.#beating)
    await this.#registry.close()
  }

  /** Resolves to the revision; 0 without a record. Rejects with a RegistryError. */
  async #write(key: string, record: object | undefined, revision: number): Promise<number> {
    const number = ++this.#writes
    try {
      let written = 0
      if (record !== undefined) written = await this.#registry.put(key, JSON.stringify(record), revision)
      else if (revision > 0) await this.#registry.remove(key, revision)
      this.health.stored()
      this.#answered(number)
      return written
    } catch (error) {
      if (error instanceof RegistryError) this.#failed(error, number)
      throw error
    }
  }

  #answered(number: number): void {
    this.#newestAnswered = Math.max(this.#newestAnswered, number)
    if (!this.#isDoubtful) return
    this.#isDoubtful = false
    this.registrations.reach(true, this.#now())
    this.#arm()
  }

  #failed(error: RegistryError, number: number): void {
    if (error.code === 'REGISTRY_CONFLICT') this.#answered(number)
    // A write that fails after a later one was answered, or after the end, says nothing about the registry now.
    if (this.#isClosed || error.code === 'REGISTRY_CONFLICT' || number < this.#newestAnswered) return
    this.health.refused(error)
    if (error.code !== 'REGISTRY_DOWN' || !this.#registry.isShared || !this.isReachable) return
    this.#isDoubtful = true
    this.registrations.reach(false, this.#now())
  }

  #arm(): void {
    this.#alarm.set(this.registrations.nextTimeout())
  }

  async #store(key: string, record: InstanceRecord | undefined, revision: number): Promise<void> {
    const { registrations } = this
    try {
      registrations.stored(key, await this.#write(key, record, revision), this.#now())
    } catch (error) {
      const isConflict = error instanceof RegistryError && error.code === 'REGISTRY_CONFLICT'
      if (!(error instanceof RegistryError)) ledgerFaults.note('a record that was stored', error)
      else if (!isConflict) this.counters.unwritten++
      if (isConflict) registrations.conflicted(key, this.#now())
      else registrations.failed(key, this.#now())
    }
    this.#arm()
  }

  /** The result arrives as a change: a conflict means that another controller wrote something newer. */
  async #renew(key: string, record: InstanceRecord, revision: number): Promise<void> {
    if (!this.isReachable) return
    try {
      this.registrations.renewed(key, record, await this.#write(key, record, revision), this.#now())
    } catch (error) {
      if (!(error instanceof RegistryError)) ledgerFaults.note('a lease that was renewed', error)
      this.counters.unwritten++
    }
  }

  /**
   * Processes one record; leaves out and counts one that it cannot use. A registry that is not shared reports only this
   * controller's writes, once it is read: `#write` has their results.
   */
  #see(entry: Entry): void {
    if (this.isReachable && !this.#registry.isShared) return
    try {
      this.#take(entry)
    } catch (error) {
      this.counters.unusable++
      ledgerFaults.note('a record of the registry', error)
    }
  }

  #take({ key, value, revision }: Entry): void {
    const [kind, name = ''] = key.split('.')
    if (kind === INSTANCE_KEY) {
      const record = value === undefined ? undefined : readInstance(key, value)
      if (value !== undefined && record === undefined) this.counters.unusable++
      else this.registrations.seen(key, record, revision, this.#now())
      this.#arm()
    } else if (kind === RULE_KEY) {
      const rule = value === undefined ? undefined : readStanding(key, value)
      if (value !== undefined && rule === undefined) this.counters.unusable++
      else this.#rule(key, rule, revision)
    } else if (kind !== KEEPER_KEY || this.#keepers === undefined) this.counters.unusable++
    else if (!this.#keepers.hear(name, value === undefined ? 0 : revision, this.#now()))
      this.counters.unusable++
  }

  #rule(key: string, rule: StandingRule | undefined, revision: number): void {
    const prefix = this.standing.set(key, rule, revision)
    if (prefix !== undefined) this.#events.ruled(prefix)
  }
}
