/** Names that belong to a key: who may register them at a controller, and who gets their flows. */
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { must } from '../../../checker/text/at.ts'
import { certifiedName, newServiceKey, publicKeyOf, readServiceKey } from '../../host/services/certificate.ts'
import { grantOf, printPublicKey } from '../../host/services/grant.ts'
import { printServiceId, serviceIdOf, servicePrefixOf } from '../../host/services/serviceId.ts'
import { parseAddress } from '../../link/address.ts'
import { createServer } from '../../sockets/index.ts'
import { ServiceKeys } from '../../sockets/serviceKeys.ts'
import { Agent } from '../agent.ts'
import { certified } from '../certified.ts'
import { judge } from '../claims.ts'
import { type Credential, Credentials } from '../credentials.ts'
import type { Claim, Register } from '../messages.ts'
import { keyOf } from '../records.ts'
import { MemoryRegistry } from '../registry/memory.ts'
import { ask, type Placed, Plane, serve, until } from '../testing/plane.ts'
import { Authority } from './authority.ts'

function actor() {
  const key = readServiceKey(newServiceKey())
  return { key, id: publicKeyOf(key), text: printPublicKey(publicKeyOf(key)) }
}
const [owner, other, host] = [actor(), actor(), actor()]
const acme = new Authority({ keys: { 'acme/*': [owner.text] } })

const NOW = Date.now()
const grant = (prefix: string, by = owner, to = host, lifeMs = 3_600_000, now = Date.now()): Credential => ({
  key: to.key,
  grant: grantOf(by.key, { prefix: servicePrefixOf(prefix), expiresMs: now + lifeMs, to: to.id }),
})

const plain: Register = {
  ...{ type: 'register', service: 'acme/web', instance: 'instance-1', address: '192.0.2.1:54325' },
  ...{ version: 1, priority: 100, weight: 1, leaseMs: 30_000 },
}
const from = { address: parseAddress('192.0.2.1:9'), isOwn: false }
const signed = (claim: Claim, credentials: readonly Credential[], keys: readonly Credential['key'][] = []) =>
  certified(claim, new ServiceKeys(keys), new Credentials(credentials), NOW, 60_000)

/** The code of the refusal, or who vouches for the claim. */
function becomes(claim: Claim, authority = acme, now = NOW): string {
  const { refusal, record } = judge(claim, from, now, authority)
  return refusal?.code ?? record.vouchedBy ?? 'free'
}

test.for([
  ['of a name that belongs to nobody is free', { service: 'lab/web' }, [], 'free'],
  ['without a key is denied', {}, [], 'CONTROLLER_OWNER'],
  ['of the owner is allowed', {}, [{ key: owner.key }], owner.text],
  ['of a host with a grant is allowed', {}, [grant('acme/web')], owner.text],
  ['with a grant for a prefix is allowed', {}, [grant('acme')], owner.text],
  ['with a grant for another name is denied', {}, [grant('acme/db')], 'CONTROLLER_OWNER'],
  ['with a grant of another key is denied', {}, [grant('acme/web', other)], 'CONTROLLER_OWNER'],
  [
    'with a grant that has expired is denied',
    {},
    [grant('acme/web', owner, host, 0, NOW)],
    'CONTROLLER_GRANT',
  ],
  ['for the prefix itself needs a grant, too', { service: 'acme/*' }, [], 'CONTROLLER_OWNER'],
  ['for any address is allowed with a grant', { address: '192.0.2.7:1' }, [grant('acme/web')], owner.text],
  ['with any priority is allowed with a grant', { priority: 9999 }, [grant('acme/web')], owner.text],
] as const)('a claim %s', ([, change, credentials, expected]) => {
  expect(becomes(signed({ ...plain, ...change }, credentials))).toBe(expected)
})

test('a claim that was changed after it was signed is denied, also an unregistration', () => {
  const good = signed(plain, [grant('acme/web')])
  for (const change of [
    { version: 2 },
    { weight: 7 },
    { instance: 'instance-2' },
    { address: '192.0.2.1:1' },
  ])
    expect(becomes({ ...good, ...change } as Claim)).toBe('CONTROLLER_OWNER')
  const { priority: _, weight: __, leaseMs: ___, ...rest } = good as Register
  expect(becomes({ ...rest, type: 'unregister' })).toBe('CONTROLLER_OWNER')
  expect(becomes(good, acme, NOW + 60_000)).toBe('CONTROLLER_LEASE')
})

test('a registration lasts no longer than the grant', () => {
  const short = grant('acme/web', owner, host, 5000, NOW)
  expect(judge(signed(plain, [short]), from, NOW, acme).record).toMatchObject({
    expiresMs: NOW + 5000,
    issuedMs: NOW,
  })
})

test('the longest prefix with keys decides, and no shorter prefix attracts its flows', () => {
  const two = new Authority({ keys: { acme: [owner.text], 'acme/store/*': [other.text] } })
  const claim = (service: string, credential: Credential) =>
    becomes(signed({ ...plain, service }, [credential]), two)
  expect(claim('acme/store/eu', grant('acme'))).toBe('CONTROLLER_OWNER')
  expect(claim('acme/store/eu', grant('acme/store', other))).toBe(other.text)
  expect(claim('acme/web/*', grant('acme'))).toBe(owner.text)
  expect(claim('acme/*', grant('acme'))).toBe('CONTROLLER_OWNER')
  expect(claim('acme', grant('acme'))).toBe(owner.text)
  const free = new Authority({ keys: { 'acme/store/*': [other.text] } })
  expect(becomes({ ...plain, service: 'acme/*' }, free)).toBe('CONTROLLER_OWNER')
  expect(becomes({ ...plain, service: 'acme/web' }, free)).toBe('free')
})

test('a keyed service below an owned prefix needs its own key and a grant for this key', () => {
  const service = certifiedName('acme/web', host.id)
  const claim = (credentials: readonly Credential[], key = host.key) =>
    becomes(signed({ ...plain, service }, credentials, [key]))
  expect(claim([])).toBe('CONTROLLER_OWNER')
  expect(claim([grant('acme/web')])).toBe(owner.text)
  expect(becomes(signed({ ...plain, service }, [{ key: owner.key }]))).toBe('CONTROLLER_OWNER')
})

test.for([
  [{ 'acme/*': ['ed25519:abc'] }, 'CONTROLLER_KEYS'],
  [{ 'acme/*': [] }, 'CONTROLLER_KEYS'],
  [{ 'acme/*': [owner.text], acme: [owner.text] }, 'CONTROLLER_KEYS'],
  [{ 'acme//x': [owner.text] }, 'SERVICE_NAME'],
] as const)('the keys %j are invalid: %s', ([keys, code]) => {
  expect(() => new Authority({ keys })).toThrow(expect.objectContaining({ code }))
})

const listen = ({ stack }: Placed, service: string, word: string) =>
  createServer({ stack }, socket => void socket.on('error', () => {}).end(word)).listen(service)

test('clients reach only instances that the key vouches for, also after the operator changes the keys', async () => {
  await using plane = new Plane()
  const denied: string[] = []
  const controller = await plane.controller({ authority: acme, onDenied: (_, { code }) => denied.push(code) })
  const good = await plane.host([controller.at], { credentials: [grant('acme')] })
  const bad = await plane.host([controller.at])
  await serve(good, 'acme/web', 'good')
  listen(bad, 'acme/web', 'bad')
  await once(bad.agent, 'refused')
  listen(bad, 'acme/free', 'bad')
  await once(bad.agent, 'refused')
  expect(new Set(denied)).toEqual(new Set(['CONTROLLER_OWNER']))
  const client = await plane.host([controller.at])
  for (let i = 0; i < 5; i++) expect(await ask(client.stack, 'acme/web')).toBe('good')
  expect(controller.events.denied).toBe(denied.length)

  // The name belongs to nobody now, then to another key, and then to the first one again.
  controller.authorize(new Authority())
  bad.agent.authorize([])
  await bad.agent.registered('acme/web')
  expect(controller.list().filter(({ service }) => service === 'acme/web')).toHaveLength(2)
  controller.authorize(new Authority({ keys: { acme: [other.text] } }))
  expect(controller.list().filter(({ service }) => service === 'acme/web')).toHaveLength(0)
  controller.authorize(acme)
  const later = await plane.host([controller.at])
  for (let i = 0; i < 5; i++) expect(await ask(later.stack, 'acme/web')).toBe('good')
})

test('a host cannot end or take over the registration of another', async () => {
  await using plane = new Plane()
  const controller = await plane.controller({ authority: acme })
  const good = await plane.host([controller.at], { credentials: [grant('acme')] })
  await serve(good, 'acme/web', 'good')
  const { registrations } = controller.ledger
  const [known] = registrations.known.bound(printServiceId(serviceIdOf('acme/web')))
  const before = { ...must(known) }
  const stranger = await plane.host([controller.at])
  const claim = {
    ...plain,
    instance: before.instance,
    address: stranger.stack.addresses[0] ?? '',
    version: before.version + 9,
  }
  const { record, refusal } = judge(
    claim,
    { ...from, address: parseAddress(claim.address) },
    Date.now(),
    acme,
  )
  for (const kind of ['REGISTER', 'UNREGISTER'] as const)
    controller.ledger.claim({
      kind,
      record,
      ...(refusal && { refusal }),
      peer: { say: () => {}, address: '' } as never,
    })
  expect(registrations.known.get(keyOf(before))).toMatchObject({
    record: before,
    next: undefined,
    waiting: undefined,
  })
  expect(registrations.counters.denied).toBe(2)
})

test('a host continues with a new grant when the old one expires', async () => {
  await using plane = new Plane()
  const controller = await plane.controller({ authority: acme })
  const credentials = [grant('acme', owner, host, 1500)]
  const good = await plane.host([controller.at], { credentials, leaseMs: 1000 })
  await serve(good, 'acme/web', 'good')
  await until(() => controller.events.expired === 1)
  expect(controller.list()).toEqual([])
  good.agent.authorize([grant('acme')])
  await until(() => controller.list().length === 1)
})

test('registrations that the registry held before the name had a key get no flows', async () => {
  await using plane = new Plane()
  const file = plane.file()
  const first = await plane.controller({ registry: new MemoryRegistry({ file }) })
  await serve(await plane.host([first.at]), 'acme/web', 'bad')
  await first.close()
  const second = await plane.controller({ registry: new MemoryRegistry({ file }), authority: acme })
  expect([second.list(), second.ledger.registrations.current]).toEqual([[], 1])
})

test('a registered name may change its key, lose it, and get it back, and its instance with a grant serves on', async () => {
  await using plane = new Plane()
  const [controller, key] = [await plane.controller(), actor()]
  const place = await plane.host([controller.at], { credentials: [grant('acme')], leaseMs: 1000 })
  await serve(place, 'acme/web', 'good')
  const client = await plane.host([controller.at])
  const keys = (...those: { text: string }[]) =>
    controller.authorize(new Authority({ keys: { acme: those.map(({ text }) => text) } }))
  const serves = async (vouchedBy: string | undefined) => {
    const id = printServiceId(serviceIdOf('acme/web'))
    await until(() => {
      const [record] = controller.ledger.registrations.known.bound(id)
      return record !== undefined && record.vouchedBy === vouchedBy
    })
    expect(await ask(client.stack, 'acme/web')).toBe('good')
  }
  keys(owner)
  await serves(owner.text)
  keys(owner, key)
  place.agent.authorize([grant('acme', key)])
  await serves(key.text)
  keys(key)
  await serves(key.text)
  controller.authorize(new Authority())
  await serves(undefined)
  expect(controller.events.expired).toBe(0)
})

test("a controller's own process proves that it may register a name, like every host", async () => {
  await using plane = new Plane()
  const controller = await plane.controller({ authority: acme })
  const agent = new Agent({ stack: controller.stack, controllers: [controller.at] })
  const own = { stack: controller.stack, agent }
  listen(own, 'acme/web', 'own')
  const [why] = await once(agent, 'refused')
  expect(why.code).toBe('CONTROLLER_OWNER')
  agent.authorize([{ key: owner.key }])
  await agent.registered('acme/web')
  expect(await ask((await plane.host([controller.at])).stack, 'acme/web')).toBe('own')
  await agent.close()
})
