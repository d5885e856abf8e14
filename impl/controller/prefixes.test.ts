/** Prefixes registered by hosts: where clients are led, and who may register. */

import { once } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { must } from '../../checker/text/at.ts'
import { certifiedName, newServiceKey, publicKeyOf, readServiceKey } from '../host/services/certificate.ts'
import {
  covers,
  isCertified,
  listenedPrefixOf,
  printPrefix,
  serviceIdOf,
} from '../host/services/serviceId.ts'
import { Hosts } from '../host/testing/hosts.ts'
import { parseAddress } from '../link/address.ts'
import { createServer } from '../sockets/index.ts'
import { Authority } from './authority/authority.ts'
import { judge } from './claims.ts'
import { listInstances } from './directory.ts'
import { HostRules } from './hostRules.ts'
import { Ledger } from './ledger.ts'
import type { Answer } from './messages.ts'
import { Networks } from './networks.ts'
import { type InstanceRecord, keyOf, readInstance } from './records.ts'
import { MemoryRegistry } from './registry/memory.ts'
import { Resolver } from './resolver.ts'
import { ask, type Placed, Plane, serve, until } from './testing/plane.ts'

const KEY = '#0123456789abcdef0123456789abcdef'

describe('a client', () => {
  test('is led to the longest registered prefix as prefixes come and go, with and without a router', async () => {
    await using plane = new Plane()
    const { at } = await plane.controller()
    const [all, store, client] = [await plane.host([at]), await plane.host([at]), await plane.host([at])]
    const router = await plane.host([at], { rules: 'all' }, { forwards: true })
    const behind = await plane.stack()
    behind.addService('*', { via: must(router.stack.addresses[0]) })
    const both = (service: string) => Promise.all([ask(client.stack, service), ask(behind, service)])
    const told = ({ agent }: Placed) => once(agent, 'rules')
    await serve(all, 'acme/*', 'all')
    expect(await both('acme/store/eu')).toEqual(['all', 'all'])
    const joined = Promise.all([told(client), told(router)])
    await serve(store, 'acme/store/*', 'store')
    await joined
    expect([await both('acme/store/eu'), await both('acme/web')]).toEqual([
      ['store', 'store'],
      ['all', 'all'],
    ])
    // A host knows the services that it asked for, a router all prefixes.
    expect(client.stack.rules.list().map(({ bits }) => bits)).toEqual([256, 256, 0])
    expect(router.stack.rules.list()).toMatchObject([
      { prefix: 'acme/store/*', bits: 64, isPlain: true },
      { prefix: 'acme/*', bits: 32, isPlain: true },
      { prefix: '*' },
    ])
    const left = Promise.all([told(client), told(router)])
    await store.agent.withdraw('acme/store/*')
    await left
    expect(await both('acme/store/eu')).toEqual(['all', 'all'])
    expect((await listInstances(behind, at)).map(({ service, id }) => [service, id])).toEqual([
      ['acme/*', `822b33ad${'0'.repeat(56)}/32`],
    ])
  })

  test('that waits continues at the registration of any prefix; commands run only for services without a prefix as long as theirs', async () => {
    await using plane = new Plane()
    const controller = await plane.controller({ start: { 'acme/store': 'sleep 5' } })
    const client = await plane.host([controller.at])
    const router = await plane.host([controller.at], { rules: 'all' }, { forwards: true })
    const behind = await plane.stack()
    behind.addService('*', { via: must(router.stack.addresses[0]) })
    const isTold = () => router.stack.rules.list().some(({ prefix }) => prefix === 'acme/*')
    await serve(await plane.host([controller.at]), 'acme/*', 'all')
    await until(isTold)
    const asked = Promise.all([ask(client.stack, 'acme/store/eu'), ask(behind, 'acme/store/us')])
    // One program serves the command, however many services below it are asked for.
    await until(() => [client, router].every(({ stack }) => stack.host.delays.size === 1))
    await until(() => controller.started === 1)
    await serve(await plane.host([controller.at]), 'acme/store/*', 'store')
    expect(await asked).toEqual(['store', 'store'])
    expect([await ask(client.stack, 'acme/store/asia'), await ask(client.stack, 'acme/web')]).toEqual([
      'store',
      'all',
    ])
    expect([controller.started, controller.failures]).toEqual([1, []])
  })

  test('that waits for a command ignores a registration of a shorter prefix', async () => {
    await using plane = new Plane()
    const controller = await plane.controller({ start: { 'acme/store': 'sleep 5' } })
    const client = await plane.host([controller.at])
    const asked = ask(client.stack, 'acme/store/eu')
    await until(() => controller.started === 1)
    await serve(await plane.host([controller.at]), 'acme/*', 'all')
    await serve(await plane.host([controller.at]), 'acme/store/*', 'store')
    expect(await asked).toBe('store')
    expect([controller.started, controller.failures]).toEqual([1, []])
  })

  test('gets no service if its command fails, even if a shorter prefix has an instance', async () => {
    await using plane = new Plane()
    const controller = await plane.controller({ start: { 'acme/broken': 'exit 3' } })
    const client = await plane.host([controller.at])
    await serve(await plane.host([controller.at]), 'acme/*', 'all')
    for (const _ of ['started', 'not again so soon'])
      await expect(ask(client.stack, 'acme/broken/eu')).rejects.toMatchObject({ code: 'ENOTFOUND' })
    expect([controller.started, await ask(client.stack, 'acme/web')]).toEqual([1, 'all'])
  })

  test('is not led to a registered prefix of a keyed service', async () => {
    await using plane = new Plane()
    const { at, ledger } = await plane.controller()
    const key = readServiceKey(newServiceKey())
    const service = certifiedName('acme/store', publicKeyOf(key))
    const [client, impostor] = [await plane.host([at]), await plane.host([at])]
    const genuine = await plane.stack({ keys: [key] })
    const router = await plane.host([at], { rules: 'all' }, { forwards: true })
    await serve(impostor, 'acme/store/*', 'impostor')
    const address = must(genuine.addresses[0])
    await ledger.addRule({ prefix: 'acme', kind: 'forward', address, priority: 1, weight: 1 })
    createServer({ stack: genuine }, socket => {
      socket.on('error', () => {})
      socket.end('genuine')
    }).listen(service)
    await until(() =>
      [client, router].every(({ stack }) => stack.rules.list().some(({ prefix }) => prefix === 'acme/*')),
    )
    await until(() => router.stack.rules.list().some(({ prefix }) => prefix === 'acme/store/*'))
    const behind = await plane.stack()
    behind.addService('*', { via: must(router.stack.addresses[0]) })
    expect(await ask(behind, 'acme/store/eu')).toBe('impostor')
    for (const stack of [client.stack, behind]) expect(await ask(stack, service)).toBe('genuine')
  })
})

test.for([
  ['*', 'CONTROLLER_PREFIX'],
  [`${'0'.repeat(64)}/31`, 'CONTROLLER_PREFIX'],
  ['serval/*', 'CONTROLLER_SERVICE'],
] as const)('%s is not registered: %s, and the listener goes on', async ([prefix, code]) => {
  await using plane = new Plane()
  const { at, ledger } = await plane.controller()
  const host = await plane.host([at])
  const refused = once(host.agent, 'refused')
  host.stack.offers.set(prefix, true)
  expect((await refused)[0]).toMatchObject({ code })
  expect(ledger.registrations.known.size).toBe(0)
})

test.for([
  [`${'0'.repeat(63)}1/8`, 'a bit is set behind the prefix'],
  [`${'0'.repeat(64)}/257`, 'too many bits'],
  [`${'0'.repeat(24)}236b6579${'0'.repeat(32)}/140`, 'a part of a key'],
  ['acme/*/eu', 'no name'],
  ['*/acme', 'no name'],
])('a claim for %s is refused: %s', ([service]) => {
  const claim = {
    type: 'register',
    instance: 'instance',
    address: '127.0.0.1:1',
    version: 1,
    priority: 1,
  } as const
  const claimant = { address: parseAddress('127.0.0.1:1'), isOwn: false }
  expect(() =>
    judge({ ...claim, service: must(service), weight: 1, leaseMs: 30_000 }, claimant, 0, new Authority()),
  ).toThrow(expect.objectContaining({ code: 'CONTROLLER_SERVICE' }))
})

test('a registry entry without a valid prefix is ignored', () => {
  const id = `822b33ad${'0'.repeat(56)}/32`
  const record = {
    service: 'acme/*',
    id,
    instance: 'instance',
    state: 'bound',
    version: 1,
    address: '127.0.0.1:1',
  }
  const whole = {
    ...record,
    priority: 1,
    weight: 1,
    leaseMs: 30_000,
    owner: '127.0.0.1',
    expiresMs: 0,
  } as const
  const read = (change: object) => {
    const changed = { ...whole, ...change } as InstanceRecord
    return readInstance(keyOf(changed), JSON.stringify(changed))
  }
  expect(read({})).toEqual(whole)
  for (const bad of [`${id}0`, id.replace('/32', '/031'), id.replace('/32', '/8'), 'acme/*', '*', 'zz', ''])
    expect(read({ id: bad })).toBe(undefined)
  expect(read({ service: 'acme/store/*' })).toBe(undefined)
})

test('a registration outlives its controller, for prefixes like for services', async () => {
  await using plane = new Plane()
  const file = plane.file()
  const first = await plane.controller({ registry: new MemoryRegistry({ file }) })
  await serve(await plane.host([first.at]), 'acme/*', 'all')
  await first.close()
  await first.stack.close({ limitMs: 0 })
  const second = await plane.controller({ registry: new MemoryRegistry({ file }) })
  expect(second.list()).toMatchObject([{ service: 'acme/*' }])
  expect(await ask((await plane.host([second.at])).stack, 'acme/store')).toBe('all')
})

test('hosts and routers learn the targets of the longest prefix (invariant 43)', async () => {
  const PREFIXES = ['acme/*', 'acme/store/*', 'acme/store/eu', 'acme/store', `acme/store${KEY}`]
  const SERVICES = [
    'acme',
    'acme/store',
    'acme/store/eu',
    'acme/store/us',
    `acme/store${KEY}`,
    `acme/web${KEY}`,
  ]
  const said = fc.record({
    text: fc.constantFrom(...PREFIXES),
    address: fc.constantFrom('10.0.0.1:1', '10.0.0.2:1'),
    weight: fc.constantFrom(0, 1),
    kind: fc.constantFrom('REGISTER' as const, 'REGISTER' as const, 'UNREGISTER' as const),
  })
  const none = (): void => {}
  await fc.assert(
    fc.asyncProperty(fc.array(said, { maxLength: 12 }), async claims => {
      const ledger = new Ledger<string>(
        new MemoryRegistry(),
        { confirm: none, refuse: none, changed: none, ruled: none, trouble: none },
        () => 0,
        {},
      )
      await ledger.open()
      const known = new Map<string, (typeof claims)[number]>()
      for (const [version, one] of claims.entries()) {
        const { text, address, weight, kind } = one
        const id = printPrefix(listenedPrefixOf(text))
        const record = {
          service: text,
          id,
          instance: `at-${address.replaceAll(/\W/g, '-')}`,
          version,
          address,
          weight,
        }
        const rest = { state: 'bound', priority: 100, leaseMs: 30_000, owner: address, expiresMs: 0 } as const
        ledger.claim({ kind, peer: '', record: { ...record, ...rest } })
        await turn()
        if (kind === 'REGISTER') known.set(`${id} ${address}`, one)
        else known.delete(`${id} ${address}`)
      }
      const resolver = new Resolver(ledger, new Networks())
      const table = (ids: Iterable<string>, isRouter: boolean) => {
        const { host } = new Hosts().add(['10.0.0.9'])
        const rules = new HostRules(host)
        for (const id of ids) {
          const told = resolver.rules(id, -1, { isRouter, isAsked: true }) as Extract<
            Answer,
            { type: 'rules' }
          >
          rules.set(told.prefix, told.targets)
        }
        expect(rules.refused).toBe(0)
        return host.services
      }
      const router = table(ledger.registrations.known.services(), true)
      for (const service of SERVICES) {
        const id = serviceIdOf(service)
        const those = [...known.values()]
          .map(one => ({ ...one, prefix: listenedPrefixOf(one.text) }))
          .filter(
            ({ prefix, weight }) =>
              weight > 0 && covers(prefix, id) && (prefix.bits === 256 || !isCertified(id)),
          )
        const longest = Math.max(...those.map(({ prefix }) => prefix.bits))
        const expected = new Set(
          those.filter(({ prefix }) => prefix.bits === longest).map(({ address }) => address),
        )
        const host = table([Buffer.from(id).toString('hex')], false)
        for (const services of [router, host]) {
          const found = [0, 0.999].map(pick => services.explain(id, pick)?.target)
          const addresses = found.flatMap(target => (target?.kind === 'forward' ? [target.address] : []))
          expect(
            new Set(addresses.map(address => `10.0.0.${Math.floor(address / 2 ** 16) % 256}:1`)),
          ).toEqual(expected)
        }
      }
      await ledger.close()
    }),
    { numRuns: 60 },
  )
})
