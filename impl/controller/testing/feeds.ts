/** For tests: mutated lines and records, fed to what runs. Each feed resolves when an honest peer has been answered after it. */
import { once } from 'node:events'
import { connect as connectNet } from 'node:net'
import type { Writable } from 'node:stream'
import { drained } from '../../admin/lines.ts'
import { openPlace } from '../../admin/testing/place.ts'
import { connect, createServer } from '../../sockets/index.ts'
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
/** Connections that a controller serves at once. */
const CONNECTIONS = 64
/** Lines that are written together to a connection that lasts. */
const LINES_OF_A_WRITE = 64

/** Runs `feed` without the traces of errors, which cost most of the time: a million lines are a million errors. */
async function traceless<T>(feed: () => Promise<T>): Promise<T> {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    return await feed()
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

/** Up to `count` lines, each with its end. */
const linesOf = (mutations: Mutations, texts: readonly string[], count: number): string =>
  Array.from({ length: count }, () => `${mutations.of(texts)}\n`).join('')

/** Resolves with the lines that the controller has counted as mistakes. Rejects if it reset a connection without a reason. */
export async function feedController(count: number, seed: number): Promise<number> {
  const mutations = new Mutations(seed)
  await using plane = new Plane()
  const { at, counters } = await plane.controller()
  const stack = await plane.stack()
  const honest = await plane.host([at])
  let [fed, broken] = [0, 0]
  const converse = async (): Promise<void> => {
    while (fed < count) {
      fed += LINES_AT_ONCE
      const socket = connect({ service: CONTROLLER_SERVICE, via: at, stack })
      socket.on('error', () => broken++).resume()
      socket.end(linesOf(mutations, QUESTIONS, LINES_AT_ONCE))
      await new Promise(resolve => socket.once('close', resolve))
    }
  }
  await traceless(() => Promise.all(Array.from({ length: CONNECTIONS }, converse)))
  // A host that waits for its turn for long may lose its place to another one.
  if (broken > counters.evicted)
    throw new Error(`${broken} connections were reset, ${counters.evicted} evicted`)
  await serve(honest, 'acme/honest', 'hello')
  return counters.mistakes
}

/** Writes `count` lines as fast as they are taken. */
async function pour(to: Writable, mutations: Mutations, texts: readonly string[], count: number) {
  for (let left = count; left > 0 && !to.destroyed; left -= LINES_OF_A_WRITE)
    if (!to.write(linesOf(mutations, texts, Math.min(left, LINES_OF_A_WRITE)))) await drained(to)
}

/** Resolves with the lines that the host could not use. Rejects if it closed its connection. */
export async function feedHost(count: number, seed: number): Promise<number> {
  const mutations = new Mutations(seed)
  await using plane = new Plane()
  const [liar, stack] = [await plane.stack(), await plane.stack()]
  const server = createServer({ stack: liar }, async socket => {
    socket.on('error', () => {})
    await pour(socket, mutations, ANSWERS, count)
    socket.write('{"type":"rules","prefix":"acme/last","targets":[]}\n')
  })
  server.listen(CONTROLLER_SERVICE)
  await once(server, 'listening')
  await using agent = new Agent({ stack, controllers: liar.addresses, delays: true })
  let isLast = false
  agent.on('rules', prefix => {
    isLast ||= prefix === 'acme/last'
  })
  await traceless(() => until(() => isLast || agent.counters.lost > 0))
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
  await traceless(async () => {
    await pour(socket, mutations, REQUESTS, count)
    await until(() => answers === count || socket.closed)
  })
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
  await traceless(async () => {
    for (let fed = 0; fed < count; fed++) {
      const which = mutations.below(2)
      registry.tell(keys[which]!, mutations.of([which === 0 ? RECORD : RULE]))
      if (fed % RECORDS_AT_ONCE === 0) await new Promise(setImmediate)
    }
  })
  await serve(router, 'acme/honest', 'hello')
  return ledger.counters.foreign
}
