/** For tests: mutated lines and records, fed to what runs. Each feed resolves when an honest peer has been answered after it. */
import { once } from 'node:events'
import { connect as connectNet } from 'node:net'
import { openPlace } from '../../socket/control/testing/place.ts'
import { connect, createServer } from '../../socket/index.ts'
import { Agent } from '../agent.ts'
import { CONTROLLER_SERVICE } from '../messages.ts'
import type { Registry, RegistryEvents } from '../registry/registry.ts'
import { Mutations } from './mutations.ts'
import { Plane, serve, until } from './plane.ts'

const INSTANCE = { service: 'acme/web', instance: 'instance-1' }
const CLAIM = { ...INSTANCE, address: '127.0.1.2:54325', version: 1 }
const ID = 'ab'.repeat(32)

const QUESTIONS = [
  { type: 'hello', addresses: ['127.0.1.2:54325'], rules: 'all' },
  { type: 'register', ...CLAIM, priority: 100, weight: 1, leaseMs: 30_000 },
  { type: 'unregister', ...CLAIM },
  { type: 'resolve', service: 'acme/web' },
  { type: 'addresses', addresses: ['127.0.1.2:54325', '[::1]:54325'] },
  { type: 'statistics', instances: [{ ...INSTANCE, flows: 3 }] },
  { type: 'list', more: false },
].map(question => JSON.stringify(question))

const TARGETS = [{ kind: 'forward', address: '192.0.2.1:54325', priority: 100, weight: 1 }]
const ANSWERS = [
  { type: 'confirmed', ...INSTANCE, version: 1, leaseMs: 30_000 },
  { type: 'refused', ...INSTANCE, version: 1, code: 'CONTROLLER_LIMIT', message: 'no' },
  { type: 'rules', prefix: 'acme/web', targets: TARGETS, name: 'acme/web' },
  { type: 'complete' },
  { type: 'resolved', service: 'acme/web', found: true },
  { type: 'listing', instances: [], isMore: false },
  { type: 'error', code: 'CONTROLLER_SHAPE', message: 'no' },
].map(answer => JSON.stringify(answer))

const REQUESTS = [
  { id: 1, method: 'flows', params: { after: '00000000' } },
  { id: 2, method: 'rules', params: { after: 3 } },
  {
    id: 3,
    method: 'addRule',
    params: { prefix: 'acme', target: 'forward 192.0.2.1:1', everywhere: false, priority: 1, weight: 1 },
  },
  { id: 4, method: 'removeRule', params: { prefix: 'acme', target: 'drop', everywhere: true } },
  { id: 5, method: 'migrate', params: { flow: '00000001', to: '127.0.0.1' } },
  { id: 6, method: 'moveInterface', params: { from: '127.0.0.1', to: '127.0.0.3' } },
].map(request => JSON.stringify(request))

const RECORD = JSON.stringify({
  ...{ service: ID, id: ID, instance: 'instance-1', state: 'bound', version: 1, address: '192.0.2.1:1' },
  ...{ priority: 1, weight: 1, leaseMs: 30_000, owner: '192.0.2.1', expiresMs: 0 },
})
const RULE = JSON.stringify({
  prefix: 'acme/*',
  kind: 'forward',
  address: '192.0.2.1:1',
  priority: 1,
  weight: 1,
})

/** Lines of one connection, before a controller ends it for its mistakes. */
const LINES_AT_ONCE = 16

/** Resolves with the lines that the controller has counted as mistakes. */
export async function feedController(count: number, seed: number): Promise<number> {
  const mutations = new Mutations(seed)
  await using plane = new Plane()
  const { at, counters } = await plane.controller()
  const stack = await plane.stack()
  const honest = await plane.host([at])
  for (let fed = 0; fed < count; fed += LINES_AT_ONCE) {
    const socket = connect({ service: CONTROLLER_SERVICE, via: at, stack })
    socket.on('error', () => {}).resume()
    for (let i = 0; i < LINES_AT_ONCE; i++) socket.write(`${mutations.of(QUESTIONS)}\n`)
    socket.end()
    await once(socket, 'close')
  }
  await serve(honest, 'acme/honest', 'hello')
  return counters.mistakes
}

/** Resolves with the lines that the host could not use. Rejects if it closed its connection. */
export async function feedHost(count: number, seed: number): Promise<number> {
  const mutations = new Mutations(seed)
  await using plane = new Plane()
  const [liar, stack] = [await plane.stack(), await plane.stack()]
  const server = createServer({ stack: liar }, async socket => {
    socket.on('error', () => {})
    for (let fed = 0; fed < count; fed++)
      if (!socket.write(`${mutations.of(ANSWERS)}\n`)) await once(socket, 'drain')
    socket.write('{"type":"rules","prefix":"acme/last","targets":[]}\n')
  })
  server.listen(CONTROLLER_SERVICE)
  await once(server, 'listening')
  await using agent = new Agent({ stack, controllers: liar.addresses, delays: true })
  let isLast = false
  agent.on('rules', prefix => {
    isLast ||= prefix === 'acme/last'
  })
  await until(() => isLast)
  server.close()
  if (agent.counters.lost > 0) throw new Error('the host has lost its controller')
  return agent.mistakes
}

/** Resolves with how many lines were answered. */
export async function feedControlSocket(count: number, seed: number): Promise<number> {
  const mutations = new Mutations(seed)
  await using place = await openPlace({ addresses: ['127.0.0.1:0'] })
  const socket = connectNet(place.path)
  let answers = 0
  socket.on('data', chunk => {
    for (const byte of chunk as Buffer) if (byte === 0x0a) answers++
  })
  for (let fed = 0; fed < count; fed++)
    if (!socket.write(`${mutations.of(REQUESTS)}\n`)) await once(socket, 'drain')
  await until(() => answers === count || socket.closed)
  socket.destroy()
  await place.client.ask('stack', {})
  return answers
}

/** A registry whose records the test writes. */
class Fed implements Registry {
  readonly isShared = true
  readonly name = 'fed'
  events: RegistryEvents | undefined
  #revision = 0

  async open(events: RegistryEvents): Promise<void> {
    this.events = events
    events.reachable(true)
  }
  tell(key: string, value: string): void {
    this.events!.entry({ key, value, revision: ++this.#revision })
  }
  async put(): Promise<number> {
    return ++this.#revision
  }
  async remove(): Promise<void> {}
  async close(): Promise<void> {}
}

/** Records of a turn. */
const RECORDS_AT_ONCE = 256

/** Resolves with the records that the controller has left out. */
export async function feedRegistry(count: number, seed: number): Promise<number> {
  const mutations = new Mutations(seed)
  await using plane = new Plane()
  const registry = new Fed()
  const { at, ledger } = await plane.controller({ registry })
  const router = await plane.host([at], { rules: 'all' })
  const keys = [`instance.${ID}.instance-1`, `rule.${'61636d65'.padEnd(64, '0')}.32.forward.MTkyLjAuMi4xOjE`]
  for (let fed = 0; fed < count; fed++) {
    const which = mutations.below(2)
    registry.tell(keys[which]!, mutations.of([which === 0 ? RECORD : RULE]))
    if (fed % RECORDS_AT_ONCE === 0) await new Promise(setImmediate)
  }
  await serve(router, 'acme/honest', 'hello')
  return ledger.counters.foreign
}
