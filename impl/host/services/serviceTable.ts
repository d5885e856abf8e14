/**
 * The rules that decide about the first packet of a flow, by prefixes of serviceIDs. The longest matching prefix
 * decides, within it the highest priority, within that chance in proportion to weight (invariant 43).
 *
 * A rule of weight 0 is draining: resolution ignores it, but it keeps its counters, and existing flows stay where it
 * led them.
 */
import { ServiceError } from './serviceErrors.ts'
import { isCertified, SERVICE_BITS, type ServicePrefix } from './serviceId.ts'
import { chooseAgain } from './table/again.ts'
import { ROWS_LIMIT } from './table/branch.ts'
import { checkRange, checkTimeout } from './table/checks.ts'
import { Deadlines } from './table/deadlines.ts'
import type { Lookahead } from './table/lookahead.ts'
import { Names } from './table/names.ts'
import { PrefixIndex } from './table/prefixIndex.ts'
import { choose, RuleRows } from './table/ruleRows.ts'
import { type Target, Targets } from './table/targets.ts'

export type { Target } from './table/targets.ts'

/** One rule at the time of listing. */
export interface ServiceRule<Listener> {
  readonly prefix: ServicePrefix
  readonly target: Target<Listener>
  readonly priority: number
  readonly weight: number
  /** True if it does not cover keyed services. */
  readonly isPlain: boolean
  /** First packets for which it was chosen, their bytes, and how many of them were dropped. */
  readonly packets: number
  readonly bytes: number
  readonly drops: number
  /** How long it may be unused, and when it ends in any case, in ms; Infinity for never. */
  readonly idleMs: number
  readonly endMs: number
}

/** How long a rule lasts from `now` on, in ms, by default forever; and which services it covers. */
export interface Terms {
  readonly now?: number
  /**
   * Excludes keyed services from a prefix, because the instances there may lack their keys. Always
   * true for listeners of this host.
   */
  readonly isPlain?: boolean
  /** Removes it this long after it was last chosen. */
  readonly idleMs?: number | undefined
  /** Removes it after this long in any case. */
  readonly hardMs?: number | undefined
}
const FOR_EVER: Terms = {}

/** What chooses the target of a repeated packet. */
export interface Again<Listener> {
  /** In [0, 1), the same for all repetitions. */
  readonly pick: number
  readonly attempt: number
  readonly mayAsk: (target: Target<Listener>) => boolean
}

/** The prototype's priority for listeners of this host: above those from controllers. */
export const LISTEN_PRIORITY = 32_000
export const LISTEN_WEIGHT = 1024
/** The prototype's priority of the default rule. */
export const DEFAULT_PRIORITY = 1
/** The priority of a default rule to wait: below every rule that leads somewhere. */
export const DELAY_PRIORITY = 0

/** Priorities and weights have 32 bits, so that sums of weights are exact. */
export const PRIORITY_LIMIT = 2 ** 32 - 1
export const WEIGHT_LIMIT = 2 ** 32 - 1
/** A million rules, about 90 MB. */
export const RULES_LIMIT = ROWS_LIMIT
/** The most targets of one prefix: choosing among them is linear. */
export const TARGETS_LIMIT = 1024
/** The most rules that expire in one turn, so that packets need not wait for a million. */
export const EXPIRED_AT_ONCE = 1024

export class ServiceTable<Listener> {
  /** The number of resolutions that found nothing. */
  missed = 0
  /** Prefetches for coming resolutions. */
  readonly ahead: Lookahead
  readonly #rules: RuleRows
  readonly #index: PrefixIndex
  readonly #targets = new Targets<Listener>()
  readonly #names = new Names()
  readonly #deadlines = new Deadlines()
  /** The row chosen by the last resolution. */
  #chosen = 0

  /**
   * `secret`, 0 to 2^53 - 1: somebody who knows it can choose names that are slow to find. `rulesLimit`: the most rules, at
   * most RULES_LIMIT.
   */
  constructor(secret = 0, rulesLimit = RULES_LIMIT) {
    this.#rules = new RuleRows(rulesLimit)
    this.#index = new PrefixIndex(this.#rules, secret)
    this.ahead = this.#index.ahead
  }

  /** The number of rules. */
  get size(): number {
    return this.#rules.size
  }

  /**
   * Adds a rule. Prefix and target identify it: adding it again changes priority and weight, restarts its time-outs,
   * and changes nothing else (invariant 48). Throws a ServiceError.
   */
  add(
    prefix: ServicePrefix,
    target: Target<Listener>,
    priority: number,
    weight: number,
    { now = 0, idleMs = Infinity, hardMs = Infinity, isPlain = target.kind === 'demux' }: Terms = FOR_EVER,
  ): void {
    checkRange('SERVICE_PRIORITY', 'priority', priority, PRIORITY_LIMIT)
    checkRange('SERVICE_WEIGHT', 'weight', weight, WEIGHT_LIMIT)
    checkTimeout(idleMs)
    checkTimeout(hardMs)
    const head = this.#index.get(prefix.id, prefix.bits)
    const row = this.#rowFor(prefix, target, priority, head)
    this.#rules.rank(row, priority, weight, isPlain && prefix.bits < SERVICE_BITS)
    this.#deadlines.set(row, idleMs, now + hardMs, now)
  }

  /** Removes the rule with this prefix and target. Returns false if there is none. */
  remove(prefix: ServicePrefix, target: Target<Listener>): boolean {
    const head = this.#index.get(prefix.id, prefix.bits)
    const row = this.#find(head, target)
    if (row === 0) return false
    this.#remove(row, head)
    return true
  }

  /**
   * Returns the target for the serviceID at `at` of a packet of `length` bytes, and counts the packet at its rule;
   * `pick`, in [0, 1), chooses by weight. Undefined if no rule matches.
   */
  resolve(
    bytes: Uint8Array,
    pick: number,
    at: number,
    length: number,
    now: number,
  ): Target<Listener> | undefined {
    const row = this.#choose(bytes, pick, at)
    this.#chosen = row
    if (row === 0) {
      this.missed++
      return undefined
    }
    this.#deadlines.use(row, now)
    return this.#targets.at(row, this.#rules.use(row, length))
  }

  /**
   * Returns the target for repetition number `attempt` of a packet, among targets for which `mayAsk` holds, and counts the
   * packet like `resolve`. Rules to wait or drop decide only where no rule leads anywhere. Undefined if nothing is left.
   */
  resolveAgain(
    bytes: Uint8Array,
    at: number,
    length: number,
    { pick, attempt, mayAsk }: Again<Listener>,
    now: number,
  ): Target<Listener> | undefined {
    const row = this.#chooseAgain(bytes, at, pick, attempt, mayAsk)
    this.#chosen = row
    if (row === 0) return undefined
    this.#deadlines.use(row, now)
    return this.#targets.at(row, this.#rules.use(row, length))
  }

  /** Returns what `resolveAgain` would choose, without counting. */
  explainAgain(bytes: Uint8Array, { pick, attempt, mayAsk }: Again<Listener>): Target<Listener> | undefined {
    const row = this.#chooseAgain(bytes, 0, pick, attempt, mayAsk)
    return row === 0 ? undefined : this.#targetAt(row)
  }

  /** The packet resolved last was dropped: counts that at its rule. */
  countDrop(): void {
    if (this.#chosen !== 0) this.#rules.countDrop(this.#chosen)
  }

  /** Returns the rule that `resolve` would choose, without counting. */
  explain(bytes: Uint8Array, pick: number): ServiceRule<Listener> | undefined {
    const row = this.#choose(bytes, pick, 0)
    return row === 0 ? undefined : this.#ruleAt(row)
  }

  /** When to call `expire` next, ms; Infinity for never. */
  nextTimeout(): number {
    return this.#deadlines.next
  }

  /** Removes expired rules, at most EXPIRED_AT_ONCE, and returns them in their last state. */
  expire(now: number): readonly ServiceRule<Listener>[] {
    const expired: ServiceRule<Listener>[] = []
    while (expired.length < EXPIRED_AT_ONCE) {
      const row = this.#deadlines.due(now)
      if (row === 0) break
      const rule = this.#ruleAt(row)
      expired.push(rule)
      this.#remove(row, this.#index.get(rule.prefix.id, rule.prefix.bits))
    }
    return expired
  }

  /** Returns the targets of all rules for exactly this prefix, including draining ones, in order of addition. */
  targets(prefix: ServicePrefix): readonly Target<Listener>[] {
    return this.#chain(this.#index.get(prefix.id, prefix.bits)).map(row => this.#targetAt(row))
  }

  /** Returns for how many packets the rules of exactly this prefix were chosen. */
  uses(prefix: ServicePrefix): number {
    const rows = this.#chain(this.#index.get(prefix.id, prefix.bits))
    return rows.reduce((sum, row) => sum + this.#rules.packetsOf(row), 0)
  }

  /** Returns the listeners among the targets. */
  listeners(): readonly Listener[] {
    return this.#targets.listeners()
  }

  /**
   * Returns all rules: longest prefixes first, then by serviceID, then highest priority first, then in order of
   * addition.
   */
  rules(): readonly ServiceRule<Listener>[] {
    const rules = this.#rules
    return rules
      .heads()
      .sort((a, b) => rules.bitsOf(b) - rules.bitsOf(a) || rules.compareKeys(a, b))
      .flatMap(head => this.#chain(head).sort((a, b) => rules.priorityOf(b) - rules.priorityOf(a)))
      .map(row => this.#ruleAt(row))
  }

  /** Returns the rules of exactly this prefix, in no order. */
  rulesAt({ id, bits }: Pick<ServicePrefix, 'id' | 'bits'>): ServiceRule<Listener>[] {
    return this.#chain(this.#index.get(id, bits)).map(row => this.#ruleAt(row))
  }

  /**
   * Returns some rules, in no particular order, and the next value for `after` (begin with 0; 0 marks the end), in
   * constant time. A rule that stays is listed once.
   */
  page(
    after: number,
    count: number,
  ): { readonly rules: readonly ServiceRule<Listener>[]; readonly next: number } {
    const rules: ServiceRule<Listener>[] = []
    for (let row = after + 1; row < this.#rules.end; row++) {
      if (!this.#rules.isUsed(row)) continue
      if (rules.length === count) return { rules, next: row - 1 }
      rules.push(this.#ruleAt(row))
    }
    return { rules, next: 0 }
  }

  /** Returns the row of a known rule, or of a new one at the end of its chain. */
  #rowFor(prefix: ServicePrefix, target: Target<Listener>, priority: number, head: number): number {
    const rules = this.#rules
    const known = this.#find(head, target)
    const rival = this.#rivalOf(known, target, priority, head)
    if (rival !== 0)
      throw new ServiceError(
        'SERVICE_CONTRADICTION',
        `'${prefix.text}' cannot both ${target.kind} and ${this.#targetAt(rival).kind} at priority ${priority}: give ` +
          'one of the rules another priority, or remove it',
      )
    if (known !== 0) return known
    if (rules.size >= rules.limit || rules.chainLength(head) >= TARGETS_LIMIT)
      throw new ServiceError('SERVICE_FULL', `no room for a rule for '${prefix.text}': remove others first`)
    const row = rules.add(prefix.id, prefix.bits, this.#targets.codeOf(target), head)
    this.#targets.set(row, target)
    this.#names.set(row, prefix)
    if (head === 0) this.#index.add(row)
    return row
  }

  /** Returns another rule of the same rank, if it or this one delays or drops; 0 for none. */
  #rivalOf(known: number, target: Target<Listener>, priority: number, head: number): number {
    const rules = this.#rules
    const isVerdict = this.#targets.isVerdict(this.#targets.codeOf(target))
    for (let row = head; row !== 0; row = rules.nextOf(row)) {
      if (row === known || rules.priorityOf(row) !== priority) continue
      if (isVerdict || this.#targets.isVerdict(rules.targetOf(row))) return row
    }
    return 0
  }

  #remove(row: number, head: number): void {
    if (head === row) this.#index.replace(row, this.#rules.nextOf(row))
    this.#targets.clear(row, this.#rules.targetOf(row))
    this.#rules.remove(row, head)
    this.#names.clear(row)
    this.#deadlines.clear(row)
    if (this.#chosen === row) this.#chosen = 0
  }

  #choose(bytes: Uint8Array, pick: number, at: number): number {
    this.#rules.isKeyed = isCertified(bytes, at)
    const head = this.#index.longest(bytes, at)
    // Most rules are the only one of their prefix.
    return head === 0 || this.#rules.nextOf(head) === 0 ? head : choose(this.#rules, head, pick)
  }

  #chooseAgain(
    bytes: Uint8Array,
    at: number,
    pick: number,
    attempt: number,
    mayAsk: (target: Target<Listener>) => boolean,
  ): number {
    const first = this.#choose(bytes, pick, at)
    if (first === 0 || this.#targets.isVerdict(this.#rules.targetOf(first))) return first
    const leads = (row: number): boolean =>
      !this.#targets.isVerdict(this.#rules.targetOf(row)) && mayAsk(this.#targetAt(row))
    return chooseAgain(this.#rules, this.#index.longest(bytes, at), pick, attempt, leads)
  }

  #find(head: number, target: Target<Listener>): number {
    const code = this.#targets.codeOf(target)
    for (let row = head; row !== 0; row = this.#rules.nextOf(row))
      if (this.#rules.targetOf(row) === code && this.#targets.isAt(row, target)) return row
    return 0
  }

  #chain(head: number): number[] {
    const rows: number[] = []
    for (let row = head; row !== 0; row = this.#rules.nextOf(row)) rows.push(row)
    return rows
  }

  #targetAt(row: number): Target<Listener> {
    return this.#targets.at(row, this.#rules.targetOf(row))
  }

  #ruleAt(row: number): ServiceRule<Listener> {
    const rules = this.#rules
    return {
      prefix: this.#names.prefixOf(row, rules.idOf(row), rules.bitsOf(row)),
      target: this.#targetAt(row),
      priority: rules.priorityOf(row),
      weight: rules.weightOf(row),
      isPlain: rules.isPlain(row),
      packets: rules.packetsOf(row),
      bytes: rules.bytesOf(row),
      drops: rules.dropsOf(row),
      idleMs: this.#deadlines.idleMsOf(row),
      endMs: this.#deadlines.endMsOf(row),
    }
  }
}
