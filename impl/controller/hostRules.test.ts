import { expect, test } from 'vitest'
import { printPrefix, printServiceId, serviceIdOf, servicePrefixOf } from '../host/services/serviceId.ts'
import { Hosts } from '../host/testing/hosts.ts'
import { HostRules } from './hostRules.ts'
import type { RuleTarget } from './messages.ts'

const to = (address: string, weight = 1): RuleTarget => ({ kind: 'forward', address, priority: 100, weight })

const idOf = (text: string): string => printPrefix(servicePrefixOf(text))

test('rules are unused when none for their prefix was chosen for long enough', () => {
  const { host } = new Hosts().add(['10.0.0.1'])
  const rules = new HostRules(host)
  const use = (service: string) => host.services.resolve(serviceIdOf(service), 0, 0, 0, 0)
  rules.set('acme/web', [to('10.0.0.2:1'), to('10.0.0.3:1', 0)])
  rules.set('acme/old', [to('10.0.0.2:1')])
  expect(rules.unused(0, 1000)).toEqual([])
  use('acme/web')
  expect(rules.unused(900, 1000)).toEqual([])
  // A draining rule is never chosen; it stays with the others of its prefix.
  expect(rules.unused(1000, 1000)).toEqual([idOf('acme/old')])
  rules.set('acme/old', [])
  expect([rules.unused(1899, 1000), rules.unused(1900, 1000)]).toEqual([[], [idOf('acme/web')]])
  rules.set('acme/old', [to('10.0.0.2:1')])
  expect(rules.unused(3000, 1000)).toEqual([idOf('acme/web')])
})

test('a service is listed by its registered name, unless that name means another service', () => {
  const { host } = new Hosts().add(['10.0.0.1'])
  const rules = new HostRules(host)
  const digits = printServiceId(serviceIdOf('acme/web'))
  const names = () => host.services.rules().map(({ prefix }) => prefix.text)
  for (const [name, seen] of [
    ['Acme/Web', 'acme/web'],
    ['acme/bank', digits],
    ['acme/web/*', digits],
    ['no name', digits],
  ]) {
    rules.set(digits, [to('10.0.0.2:1')], name)
    expect(names()).toEqual([seen])
    rules.set(digits, [])
  }
  expect(names()).toEqual([])
})

test('the rules of an earlier connection stay until the controller is complete', () => {
  const { host } = new Hosts().add(['10.0.0.1'])
  const rules = new HostRules(host)
  const [asked, other, back] = ['acme/asked', 'acme/other', 'acme/back'].map(idOf) as [string, string, string]
  for (const id of [asked, other, back]) rules.set(id, [to('10.0.0.2:1')])
  rules.begin()
  rules.set(asked, [])
  rules.set(back, [to('10.0.0.3:1')])
  expect(rules.size).toBe(3)
  rules.complete(new Set([asked, back]))
  expect(host.services.rules().map(({ prefix }) => printPrefix(prefix))).toEqual([back])
})

test('a rule that a controller has sent itself is withdrawn at once, also before it is complete', () => {
  const { host } = new Hosts().add(['10.0.0.1'])
  const rules = new HostRules(host)
  const id = idOf('acme/web')
  rules.set(id, [to('10.0.0.2:1')])
  rules.begin()
  rules.set(id, [to('10.0.0.3:1')])
  rules.set(id, [])
  expect(rules.size).toBe(0)
})

test('a change adds, replaces and removes targets of a known prefix, and nothing of a forgotten one', () => {
  const { host } = new Hosts().add(['10.0.0.1'])
  const rules = new HostRules(host)
  const prefix = idOf('acme/web')
  const weights = () => host.services.rules().map(({ weight }) => weight)
  rules.change({ prefix, targets: [to('10.0.0.2:1')], gone: [] })
  expect(weights()).toEqual([])
  rules.set(prefix, [to('10.0.0.2:1'), to('10.0.0.3:1', 2), to('10.0.0.4:1', 3)])
  rules.change({
    prefix,
    targets: [to('10.0.0.3:1', 20), to('10.0.0.5:1', 5)],
    gone: [{ kind: 'forward', address: '10.0.0.2:1' }],
  })
  expect([weights().sort((a, b) => a - b), rules.size]).toEqual([[3, 5, 20], 3])
  rules.set(prefix, [])
  rules.change({ prefix, targets: [to('10.0.0.2:1')], gone: [] })
  expect([weights(), rules.size]).toEqual([[], 0])
})
