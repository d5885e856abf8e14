/**
 * The rules of popular services as hosts have them. A change of one instance among hundreds concerns all hosts that asked,
 * so a controller computes it once, prints it once, and sends each host only what differs from its last list.
 */
import { costOfTargets } from './cost.ts'
import { encode, type RulesAnswer, type RuleTarget } from './messages.ts'

/** Lists shorter than this are sent whole: a change would not be much shorter. */
export const SHORTEST_VIEW = 16
/** The last changes of a list that a host may be behind; after more it gets the whole list. */
export const CHANGES_KEPT = 16
/** Targets in all lists that are kept: about 50 MB. */
const VIEW_TARGETS = 262_144

/** The text for a host, the version that it then has, and the work of sending it. */
export interface Told {
  readonly text: string
  /** 0: none is kept, so the next text is a whole list. */
  readonly version: number
  readonly work: number
  readonly isEmpty: boolean
}

interface Change {
  readonly from: number
  readonly text: string
  readonly size: number
}

interface View {
  rules: RulesAnswer
  /** The rules as text, once a host needs all of them. */
  whole: string | undefined
  version: number
  changes: Change[]
  isStale: boolean
}

export class Views {
  readonly #most: number
  /** By service, and then by the hosts that have the same rules; the least recently used service first. */
  readonly #views = new Map<string, Map<string, View>>()
  #versions = 0
  #targets = 0

  constructor(most: number = VIEW_TARGETS) {
    this.#most = most
  }

  /** The number of targets in all lists. */
  get targets(): number {
    return this.#targets
  }

  /** The rules of this service or prefix may have changed. */
  stale(id: string): void {
    for (const view of this.#views.get(id)?.values() ?? []) view.isStale = true
  }

  /**
   * Returns the text for a host with the version `known`: a whole list, the changes since, or nothing. Hosts with the same
   * `kind` have the same rules. `read` returns them. `known` is undefined for a host that understands no changes.
   */
  tell(id: string, kind: string, known: number | undefined, read: () => RulesAnswer): Told {
    const kept = this.#views.get(id)
    const before = kept?.get(kind)
    if (before?.isStale !== false) {
      const rules = read()
      const isShort = rules.targets.length < SHORTEST_VIEW
      if (before !== undefined && !isShort) this.#renew(before, rules)
      else {
        if (before !== undefined) this.#drop(id, kind, before)
        if (isShort) return { ...wholeOf(rules, encode(rules)), version: 0 }
        this.#keep(id, kind, rules)
      }
    }
    return this.#since(this.#used(id, kind), known)
  }

  #since(view: View, known: number | undefined): Told {
    const { rules, version, changes } = view
    if (known === version) return { text: '', version, work: 1, isEmpty: false }
    const first = known === undefined ? -1 : changes.findIndex(({ from }) => from === known)
    if (first < 0) return { ...wholeOf(rules, textOf(view)), version }
    const newer = changes.slice(first)
    const size = newer.reduce((sum, change) => sum + change.size, 0)
    if (size >= rules.targets.length) return { ...wholeOf(rules, textOf(view)), version }
    return {
      text: newer.map(({ text }) => text).join(''),
      version,
      work: costOfTargets(size),
      isEmpty: false,
    }
  }

  #renew(view: View, rules: RulesAnswer): void {
    const change = changeBetween(view.rules, rules)
    view.isStale = false
    if (change?.size === 0) return
    const from = view.version
    view.version = ++this.#versions
    view.changes = change === undefined ? [] : [...view.changes.slice(1 - CHANGES_KEPT), { from, ...change }]
    this.#targets += rules.targets.length - view.rules.targets.length
    view.rules = rules
    view.whole = undefined
  }

  #keep(id: string, kind: string, rules: RulesAnswer): void {
    const kinds = this.#views.get(id) ?? new Map<string, View>()
    const version = ++this.#versions
    kinds.set(kind, { rules, whole: undefined, version, changes: [], isStale: false })
    this.#views.set(id, kinds)
    this.#targets += rules.targets.length
  }

  /** Makes the service the most recently used one, and forgets the least recently used ones if there are too many. */
  #used(id: string, kind: string): View {
    const kinds = this.#views.get(id) as Map<string, View>
    this.#views.delete(id)
    this.#views.set(id, kinds)
    for (const [oldest, those] of this.#views) {
      if (this.#targets <= this.#most || oldest === id) break
      for (const [one, view] of [...those]) this.#drop(oldest, one, view)
    }
    return kinds.get(kind) as View
  }

  #drop(id: string, kind: string, view: View): void {
    const kinds = this.#views.get(id)
    this.#targets -= view.rules.targets.length
    kinds?.delete(kind)
    if (kinds?.size === 0) this.#views.delete(id)
  }
}

function textOf(view: View): string {
  view.whole ??= encode(view.rules)
  return view.whole
}

const wholeOf = ({ targets }: RulesAnswer, text: string) => ({
  text,
  work: costOfTargets(targets.length),
  isEmpty: targets.length === 0,
})

/** A host knows a target by this. */
export const targetName = ({ kind, address = '' }: Pick<RuleTarget, 'kind' | 'address'>): string =>
  `${kind} ${address}`

/** Returns the text that turns one list into another, and its number of targets. Undefined if the name has changed. */
function changeBetween(before: RulesAnswer, after: RulesAnswer): Omit<Change, 'from'> | undefined {
  if (before.prefix !== after.prefix || before.name !== after.name) return undefined
  const old = new Map(before.targets.map(target => [targetName(target), target]))
  const targets: RuleTarget[] = []
  for (const target of after.targets) {
    const name = targetName(target)
    const known = old.get(name)
    old.delete(name)
    if (known === undefined || !isSame(known, target)) targets.push(target)
  }
  const gone = [...old.values()].map(({ kind, address }) => ({
    kind,
    ...(address !== undefined && { address }),
  }))
  return {
    text: encode({ type: 'change', prefix: after.prefix, targets, gone }),
    size: targets.length + gone.length,
  }
}

const isSame = (a: RuleTarget, b: RuleTarget): boolean =>
  a.priority === b.priority && a.weight === b.weight && a.plain === b.plain
