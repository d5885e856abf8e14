/** Which hosts may register and resolve which names, with real controllers. */
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { listenedPrefixOf, printServiceId, serviceIdOf } from '../../host/services/serviceId.ts'
import { connect, createServer } from '../../sockets/index.ts'
import { listInstances } from '../directory.ts'
import { encode } from '../messages.ts'
import { ask, Plane, serve, until } from '../testing/plane.ts'
import { Access, type AccessLists } from './access.ts'
import { Authority } from './authority.ts'
import { hashOf } from './tokens.ts'

const access = (lists: Record<string, AccessLists>) => new Access(lists, new Set(['edge']))
const at = (host: string, hostName?: string) => ({ host, hostName })

describe('lists', () => {
  const lists = access({
    'lab/*': { register: ['edge', '10.1.0.0/16', '2001:db8::/32'] },
    'lab/open/*': { register: ['0.0.0.0/0', '::/0'] },
    'lab/shut': { register: [] },
    'lab/read/*': { resolve: ['10.2.0.7'] },
  })

  test.for([
    ['a host of a network registers', at('10.1.2.3'), 'lab/web', true],
    ['a host of a network of IPv6 registers', at('2001:db8::7'), 'lab/web', true],
    ['a host with a token registers', at('192.0.2.1', 'edge'), 'lab/web', true],
    ['another host does not', at('192.0.2.1', 'core'), 'lab/web', false],
    ['anybody registers other names', at('192.0.2.1'), 'acme/web', true],
    ['the longest prefix decides', at('192.0.2.1'), 'lab/open/web', true],
    ['an empty list lets nobody in', at('10.1.2.3', 'edge'), 'lab/shut', false],
    ['a prefix with a list below it needs both', at('10.1.2.3'), 'lab/*', false],
    ['a shorter prefix needs them, too', at('192.0.2.1'), 'lab/*', false],
    ['a list for resolving is none for registering', at('10.1.2.3'), 'lab/read/web', true],
  ] as const)('%s', ([, host, name, may]) => {
    expect(lists.deniedFor(host, listenedPrefixOf(name)) === undefined).toBe(may)
  })

  test.for([
    ['lab/read/web', '10.2.0.7', true],
    ['lab/read/web', '10.2.0.8', false],
    ['lab/web', '10.2.0.8', true],
  ] as const)('%s is resolved from %s: %s', ([name, host, may]) => {
    expect(lists.mayResolve(at(host), printServiceId(serviceIdOf(name)))).toBe(may)
  })

  test.for(['core', '10.0.0.0/33', '', 'localhost'])('"%s" is neither a token nor a network', member => {
    expect(() => access({ lab: { register: [member] } })).toThrow(/^CONTROLLER_KEYS: /)
  })
})

test('a host that is not on the list of a name neither registers nor resolves it', async () => {
  await using plane = new Plane()
  const denied: string[] = []
  const TOKENS = { edge: hashOf('e'.repeat(40)), core: hashOf('c'.repeat(40)) }
  const lists = { 'lab/*': { register: ['edge'], resolve: ['edge'] } }
  const authority = new Authority({ tokens: TOKENS, access: lists })
  const controller = await plane.controller({ authority, onDenied: (_, { code }) => denied.push(code) })
  const edgeAt = { via: controller.at, token: 'e'.repeat(40) }
  const coreAt = { via: controller.at, token: 'c'.repeat(40) }
  const [edge, other, core] = [
    await plane.host([edgeAt]),
    await plane.host([edgeAt]),
    await plane.host([coreAt]),
  ]
  const router = await plane.host([coreAt], { rules: 'all' })
  await serve(edge, 'lab/web', 'edge')
  await serve(core, 'acme/web', 'core')
  const server = createServer({ stack: core.stack }).listen('lab/web')
  expect((await once(core.agent, 'refused'))[0]).toMatchObject({ type: 'refused', code: 'CONTROLLER_ACCESS' })
  server.close()
  expect(await ask(other.stack, 'lab/web')).toBe('edge')
  const client = await plane.host([coreAt])
  const refused = once(client.agent, 'refused')
  await expect(ask(client.stack, 'lab/web')).rejects.toThrow()
  expect((await refused)[0]).toMatchObject({ type: 'error', code: 'CONTROLLER_ACCESS' })
  expect(await ask(router.stack, 'acme/web')).toBe('core')
  const seen = ({ stack }: typeof router) => stack.rules.list().some(({ prefix }) => prefix === 'lab/web')
  expect(seen(router)).toBe(false)
  expect(new Set(denied)).toEqual(new Set(['CONTROLLER_ACCESS']))
  process.env.SERVAL_TOKEN = coreAt.token
  const listed = await listInstances(core.stack, controller.at).finally(() => delete process.env.SERVAL_TOKEN)
  expect(listed.map(({ service }) => service)).toEqual(['acme/web'])

  // The operator opens the name: the router learns of it.
  controller.authorize(new Authority({ tokens: TOKENS }))
  await until(() => seen(router))
  // And shuts it again.
  controller.authorize(authority)
  await until(() => !seen(router))
})

test('a router learns nothing of services that it may not resolve, also while they change', async () => {
  await using plane = new Plane()
  const authority = new Authority({ access: { 'lab/*': { resolve: [] } } })
  const controller = await plane.controller({ authority, networks: ['127.0.0.0/8'] })
  const host = await plane.host([controller.at])
  await serve(host, 'lab/early', 'x')
  const socket = connect({ service: 'serval/controller', via: controller.at, stack: await plane.stack() })
  let said = ''
  socket.on('error', () => {}).on('data', piece => (said += piece))
  socket.write(encode({ type: 'hello', addresses: [], rules: 'all' }))
  await until(() => said.includes('complete'))
  await serve(host, 'lab/late', 'x')
  controller.authorize(authority)
  await serve(host, 'acme/web', 'x')
  await until(() => said.includes('acme/web'))
  const ids = ['lab/early', 'lab/late'].map(name => printServiceId(serviceIdOf(name)))
  for (const text of ['lab/', ...ids]) expect(said).not.toContain(text)
  // It forgets what it may not resolve any more.
  const shut = new Authority({ access: { 'acme/*': { resolve: [] } } })
  said = ''
  controller.authorize(shut)
  await until(() => said.includes(printServiceId(serviceIdOf('acme/web'))) && said.includes('lab/late'))
  expect(said).toMatch(new RegExp(`"prefix":"${printServiceId(serviceIdOf('acme/web'))}","targets":\\[\\]`))
  socket.destroy()
})

test('a token with another name has the rights of this name from then on', async () => {
  await using plane = new Plane()
  const token = 't'.repeat(40)
  const of = (name: string) =>
    new Authority({
      tokens: { edge: hashOf('e'.repeat(40)), [name]: hashOf(token) },
      access: { 'lab/*': { resolve: ['edge'] } },
    })
  const controller = await plane.controller({ authority: of('edge') })
  const host = await plane.host([{ via: controller.at, token }])
  await serve(host, 'lab/web', 'x')
  const client = await plane.host([{ via: controller.at, token }])
  expect(await ask(client.stack, 'lab/web')).toBe('x')
  controller.authorize(of('core'))
  await until(() => client.agent.rules.size === 0)
})
