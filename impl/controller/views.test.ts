import fc from 'fast-check'
import { expect, test } from 'vitest'
import { must } from '../../checker/text/at.ts'
import { type Answer, decodeAnswer, type RulesAnswer, type RuleTarget } from './messages.ts'
import { CHANGES_KEPT, SHORTEST_VIEW, targetName, Views } from './views.ts'

const WEB = 'ab'.repeat(32)
const target = (i: number, weight = 1): RuleTarget => ({
  ...{ kind: 'forward', address: `10.0.${i >> 8}.${i & 255}:1`, priority: 100, weight },
})
const rulesOf = (targets: readonly RuleTarget[], name = 'acme/web'): RulesAnswer => ({
  ...{ type: 'rules', prefix: WEB, name, targets: [...targets] },
})
const many = Array.from({ length: 100 }, (_, i) => target(i))

/** A host that applies what it is sent. */
class Listener {
  version: number | undefined
  readonly targets = new Map<string, RuleTarget>()
  readonly heard: Answer['type'][] = []

  hear(views: Views, rules: RulesAnswer, kind = 'client'): number {
    const { text, version, isEmpty, work } = views.tell(WEB, kind, this.version, () => rules)
    for (const line of text.split('\n').slice(0, -1)) this.#apply(decodeAnswer(line))
    this.version = isEmpty ? undefined : version
    return work
  }

  #apply(answer: Answer): void {
    this.heard.push(answer.type)
    if (answer.type === 'rules') this.targets.clear()
    if (answer.type === 'change') for (const one of answer.gone) this.targets.delete(targetName(one))
    if (answer.type === 'rules' || answer.type === 'change')
      for (const one of answer.targets) this.targets.set(targetName(one), one)
  }
}

const sorted = (targets: Iterable<RuleTarget>) =>
  [...targets].sort((a, b) => (targetName(a) < targetName(b) ? -1 : 1))

test('a host that has a long list gets what has changed since, and no more', () => {
  const views = new Views()
  const host = new Listener()
  const first = host.hear(views, rulesOf(many))
  views.stale(WEB)
  const second = host.hear(views, rulesOf([...many.slice(2), target(0, 9), target(200)]))
  expect(host.heard).toEqual(['rules', 'change'])
  expect(sorted(host.targets.values())).toEqual(sorted([...many.slice(2), target(0, 9), target(200)]))
  expect([second < first, host.hear(views, rulesOf([])), host.heard.length]).toEqual([true, 1, 2])
})

test.for<[string, { version?: number | undefined; rules?: RulesAnswer }]>([
  ['has another list', { version: 77 }],
  ['understands no changes', { version: undefined }],
  ['knows the service by another name', { rules: rulesOf(many, 'acme/shop') }],
  ['would get more changes than targets', { rules: rulesOf(many.map((_, i) => target(i + 500))) }],
  ['has a list that becomes short', { rules: rulesOf(many.slice(0, SHORTEST_VIEW - 1)) }],
])('a host that %s gets the whole list', ([, change]) => {
  const views = new Views()
  const host = new Listener()
  host.hear(views, rulesOf(many))
  if ('version' in change) host.version = change.version
  const { rules = rulesOf(many) } = change
  if (change.rules !== undefined) views.stale(WEB)
  host.hear(views, rules)
  expect(host.heard).toEqual(['rules', 'rules'])
  expect(sorted(host.targets.values())).toEqual(sorted(rules.targets))
})

test.for([
  [CHANGES_KEPT, 'change'],
  [CHANGES_KEPT + 1, 'rules'],
] as const)('a host that is behind by %i changes gets %s', ([behind, type]) => {
  const views = new Views()
  const [host, other] = [new Listener(), new Listener()]
  const rules = (change: number) => rulesOf(change === 0 ? many : [...many, target(200 + change)])
  host.hear(views, rules(0))
  for (let change = 1; change <= behind; change++) {
    views.stale(WEB)
    other.hear(views, rules(change))
  }
  host.hear(views, rules(behind))
  expect(host.heard.at(-1)).toBe(type)
  expect(sorted(host.targets.values())).toEqual(sorted(rules(behind).targets))
})

test('however lists change and whichever hosts lag, every host ends with the last list', () => {
  const list = fc.uniqueArray(fc.tuple(fc.nat(40), fc.nat(2)), { selector: ([i]) => i, maxLength: 40 })
  const step = fc.record({
    list: fc.option(list),
    host: fc.nat(3),
    kind: fc.constantFrom('router', 'client'),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.constantFrom(30, 1000), (steps, most) => {
      const views = new Views(most)
      const hosts = { router: [], client: [] } as Record<string, Listener[]>
      for (const those of Object.values(hosts)) for (let i = 0; i < 4; i++) those.push(new Listener())
      let rules = rulesOf(many.slice(0, 20))
      for (const { list, host, kind } of steps) {
        if (list !== null) {
          rules = rulesOf(list.map(([i, weight]) => target(i, weight)))
          views.stale(WEB)
        }
        must(must(hosts[kind])[host]).hear(views, rules, kind)
      }
      for (const [kind, those] of Object.entries(hosts))
        for (const host of those) {
          host.hear(views, rules, kind)
          expect(sorted(host.targets.values())).toEqual(sorted(rules.targets))
        }
    }),
  )
})

test('the lists of services that nobody asks for any more give way', () => {
  const views = new Views(250)
  for (let i = 0; i < 50; i++) views.tell(`${i}`, 'client', undefined, () => rulesOf(many))
  expect(views.targets).toBe(200)
})
