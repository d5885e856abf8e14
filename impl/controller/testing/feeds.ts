/**
 * For tests: feeds mutated lines and records to running programs, while an honest peer asks again and again. Each feed
 * resolves once the peer has been answered after it.
 */

import { once } from 'node:events'
import { connect as connectNet } from 'node:net'
import type { Writable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { must } from '../../../checker/text/at.ts'
import { drained } from '../../admin/lines.ts'
import { openTestStack } from '../../admin/testing/testStack.ts'
import { connect, createServer, type Stack } from '../../sockets/index.ts'
import { Agent } from '../agent.ts'
import { Authority } from '../authority/authority.ts'
import { CONTROLLER_SERVICE } from '../messages.ts'
import type { Registry, RegistryEvents } from '../registry/registry.ts'
import { Mutations } from './mutations.ts'
import { Plane, serve, until } from './plane.ts'

const INSTANCE = { service: 'acme/web', instance: 'instance-1' }
const CLAIM = { ...INSTANCE, address: '127.0.1.2:54325', version: 1 }
const ID = 'ab'.repeat(32)

/** The key of the prefix `owned`, and a claim below it with a grant. Its certificate has expired: the last check fails. */
const OWNER = 'ed25519:GjhslHqLtotPZQvtLGUXIs-FI4vFfhk71mocVv3BFRE'
const OWNED = {
  ...{
    type: 'register',
    service: 'owned/web',
    instance: 'instance-1',
    address: '127.0.1.2:54325',
    version: 1,
  },
  ...{ priority: 100, weight: 1, leaseMs: 30_000, issuedMs: 1_796_083_540_488, expiresMs: 1_796_083_600_488 },
  certificate:
    '4QpVbrSz5EO73NLmxyysbiaW9zUmXu60gpyvxk7KSWwb1FkxTa-NmtpcdPNoYUYrsALJfZjLKNiQCH3GE7y4SsWnGj2MAJdg3y9Zo3VTfK4mfB877F8jaBb8G56DXroF',
  grant:
    'AfXm0CQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACAAAAaZ6ZGoAOEKVW60s-RDu9zS5scsrG4mlvc1Jl7utIKcr8ZOyklsGjhslHqLtotPZQvtLGUXIs-FI4vFfhk71mocVv3BFRGDi0XgdckC4nLNJs-8IV9AjC850oFi-Of6D5U4O-X36cxVBdC37mn08zQM427mc1L-M8XHaDqQF16aZkuGZCAC',
}

const QUESTIONS = [
  { type: 'hello', addresses: ['127.0.1.2:54325'], rules: 'all', token: 'a'.repeat(32) },
  OWNED,
  { type: 'register', ...CLAIM, priority: 100, weight: 1, leaseMs: 30_000 },
  { type: 'unregister', ...CLAIM },
  { type: 'resolve', service: 'acme/web' },
  { type: 'silent', service: ID, address: '127.0.1.2:54325' },
  { type: 'addresses', addresses: ['127.0.1.2:54325', '[::1]:54325'] },
  { type: 'renew', number: 1, tickets: [4_194_304, 4_194_305] },
  { type: 'statistics', instances: [{ ...INSTANCE, flows: 3 }] },
  { type: 'list', more: false },
].map(question => JSON.stringify(question))

const TARGETS = [{ kind: 'forward', address: '192.0.2.1:54325', priority: 100, weight: 1 }]
const ANSWERS = [
  { type: 'confirmed', ...INSTANCE, version: 1, leaseMs: 30_000 },
  { type: 'refused', ...INSTANCE, version: 1, code: 'CONTROLLER_LIMIT', message: 'no' },
  { type: 'rules', prefix: 'acme/web', targets: TARGETS, name: 'acme/web' },
  { type: 'renewed', number: 1, lapsed: [0, 1] },
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

/** The result of a feed. */
export interface Fed {
  /** Lines or records that the receiver counted as refused, omitted or answered. */
  readonly counted: number
  /** How often the honest peer was answered, and its longest wait, ms. */
  readonly served: number
  readonly longestMs: number
}

/** Called repeatedly with the amount fed so far. */
export type Progress = (fed: number) => void
const nothing: Progress = () => {}

/** The pause between two questions of the honest peer, ms. */
const PAUSE_MS = 50

/** Lines per connection, below the controller's limit on mistakes. */
const LINES_AT_ONCE = 16
/** Connections that a controller serves at once. */
const CONNECTIONS = 64
/** Lines written together to a lasting connection. */
const LINES_OF_A_WRITE = 64

/** Runs `feed` without stack traces, which would take most of the time: a million lines cause a million errors. */
async function traceless<T>(feed: () => Promise<T>): Promise<T> {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    return await feed()
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

/** Runs `feed` while an honest peer asks; rejects if the peer is refused. `ask` resolves to the answer. */
async function besides(
  feed: () => Promise<unknown>,
  ask: () => Promise<unknown>,
): Promise<Omit<Fed, 'counted'>> {
  let [isOver, served, longestMs] = [false, 0, 0]
  const asking = async (): Promise<void> => {
    while (!isOver) {
      const begunMs = performance.now()
      await ask()
      served++
      longestMs = Math.max(longestMs, performance.now() - begunMs)
      await wait(PAUSE_MS)
    }
  }
  const feeding = traceless(feed).finally(() => {
    isOver = true
  })
  await Promise.all([feeding, asking()])
  await ask()
  return { served: served + 1, longestMs }
}

/** Connects and greets. Resolves when the controller has answered. */
async function greet(stack: Stack, via: string): Promise<void> {
  const socket = connect({ service: CONTROLLER_SERVICE, via, stack })
  socket.write(`${QUESTIONS[0]}\n`)
  await once(socket, 'data')
  socket.destroy()
}

/** Connects to the service at an address. Resolves when it has sent something. */
async function hear(stack: Stack, service: string, via: string): Promise<void> {
  const socket = connect({ service, via, stack })
  await once(socket, 'data')
  socket.destroy()
}

/** Returns up to `count` lines, each with its end. */
const linesOf = (mutations: Mutations, texts: readonly string[], count: number): string =>
  Array.from({ length: count }, () => `${mutations.of(texts)}\n`).join('')

/** Counts the lines that the controller refuses. Rejects if it resets a connection. */
export async function feedController(count: number, seed: number, at = nothing): Promise<Fed> {
  const mutations = new Mutations(seed)
  await using plane = new Plane()
  const authority = new Authority({
    keys: { 'owned/*': [OWNER] },
    access: { lab: { register: ['10.0.0.0/8'] } },
  })
  const { at: controller, counters } = await plane.controller({ authority })
  const stack = await plane.stack()
  const honest = await plane.host([controller])
  let fed = 0
  const broken: unknown[] = []
  const converse = async (): Promise<void> => {
    for (; fed < count; at(fed)) {
      fed += LINES_AT_ONCE
      const socket = connect({ service: CONTROLLER_SERVICE, via: controller, stack })
      socket.on('error', error => broken.push(error)).resume()
      socket.end(linesOf(mutations, QUESTIONS, LINES_AT_ONCE))
      await new Promise(resolve => socket.once('close', resolve))
    }
  }
  const feed = () => Promise.all(Array.from({ length: CONNECTIONS }, converse))
  const served = await besides(feed, () => greet(honest.stack, controller))
  const { displaced, mistakes } = counters
  if (broken.length > 0)
    throw new Error(`${broken.length} connections broke, ${displaced} were displaced`, { cause: broken[0] })
  await serve(honest, 'acme/honest', 'hello')
  return { counted: mistakes, ...served }
}

/** Yields lines in pieces that are written together. */
function* lines(
  mutations: Mutations,
  texts: readonly string[],
  count: number,
  at: Progress,
): Generator<string> {
  for (let fed = 0; fed < count; fed += LINES_OF_A_WRITE) {
    at(fed)
    yield linesOf(mutations, texts, Math.min(count - fed, LINES_OF_A_WRITE))
  }
}

/** Writes the pieces as fast as the stream accepts them. */
async function pour(to: Writable, pieces: Iterable<string>): Promise<void> {
  for (const piece of pieces) {
    if (to.destroyed) return
    if (!to.write(piece)) await drained(to)
  }
}

/** Counts the lines that a host refuses. Rejects if it closes its connection. */
export const feedHost = (count: number, seed: number, at = nothing) => feedAgent(false, count, seed, at)

/** The same for a router, which gets the rules of all services. */
export const feedRouter = (count: number, seed: number, at = nothing) => feedAgent(true, count, seed, at)

async function feedAgent(isRouter: boolean, count: number, seed: number, at: Progress): Promise<Fed> {
  const mutations = new Mutations(seed)
  await using plane = new Plane()
  const [liar, client] = [await plane.stack(), await plane.stack()]
  const stack = await plane.stack({ forwards: isRouter })
  const server = createServer({ stack: liar }, async socket => {
    socket.on('error', () => {})
    await pour(socket, lines(mutations, ANSWERS, count, at))
    socket.write('{"type":"rules","prefix":"acme/last","targets":[]}\n')
  })
  server.listen(CONTROLLER_SERVICE)
  await once(server, 'listening')
  const honest = createServer({ stack }, socket => socket.on('error', () => {}).end('hello'))
  honest.listen('acme/honest')
  await once(honest, 'listening')
  await using agent = new Agent({
    ...{ stack, controllers: liar.addresses, delays: true },
    ...(isRouter && { rules: 'all' as const }),
  })
  let isLast = false
  agent.on('rules', prefix => {
    isLast ||= prefix === 'acme/last'
  })
  const served = await besides(
    () => until(() => isLast || agent.counters.lost > 0),
    () => hear(client, 'acme/honest', must(stack.addresses[0])),
  )
  server.close()
  if (agent.counters.lost > 0) throw new Error('the host has lost its controller')
  return { counted: agent.mistakes, ...served }
}

/** Counts the lines that are answered. */
export async function feedAdminSocket(count: number, seed: number, at = nothing): Promise<Fed> {
  const mutations = new Mutations(seed)
  await using own = await openTestStack({ addresses: ['127.0.0.1:0'] })
  const socket = connectNet(own.path)
  let answers = 0
  socket.on('data', chunk => {
    for (const byte of chunk as Buffer) if (byte === 0x0a) answers++
  })
  const feed = async (): Promise<void> => {
    await pour(socket, lines(mutations, REQUESTS, count, at))
    await until(() => answers === count || socket.closed)
  }
  const served = await besides(feed, () => own.client.ask('stack', {}))
  socket.destroy()
  return { counted: answers, ...served }
}

/** A registry whose records the test writes. */
class Written implements Registry {
  readonly isShared = true
  readonly name = 'written'
  events: RegistryEvents | undefined
  #revision = 0

  async open(events: RegistryEvents): Promise<void> {
    this.events = events
    events.reachable(true)
  }
  tell(key: string, value: string | undefined): void {
    must(this.events).entry({ key, value, revision: ++this.#revision })
  }
  async put(): Promise<number> {
    return ++this.#revision
  }
  async remove(): Promise<void> {}
  async close(): Promise<void> {}
}

const ENTRIES = [
  [`instance.${ID}.instance-1`, RECORD],
  [`rule.${'61636d65'.padEnd(64, '0')}.32.forward.MTkyLjAuMi4xOjE`, RULE],
] as const
/** Records per turn. */
const RECORDS_AT_ONCE = 256
/** One key in this many is changed too, and one record in this many is removed. */
const KEY_ONE_IN = 8
const REMOVED_ONE_IN = 16

/** Counts the records that the controller omits. */
export async function feedRegistry(count: number, seed: number, at = nothing): Promise<Fed> {
  const mutations = new Mutations(seed)
  await using plane = new Plane()
  const registry = new Written()
  const { at: controller, ledger } = await plane.controller({ registry })
  const router = await plane.host([controller], { rules: 'all' })
  const feed = async (): Promise<void> => {
    for (let fed = 0; fed < count; fed++) {
      const [key, record] = mutations.pick(ENTRIES)
      const isRemoved = mutations.below(REMOVED_ONE_IN) === 0
      registry.tell(
        mutations.below(KEY_ONE_IN) === 0 ? mutations.of([key]) : key,
        isRemoved ? undefined : mutations.of([record]),
      )
      if (fed % RECORDS_AT_ONCE > 0) continue
      at(fed)
      await new Promise(setImmediate)
    }
  }
  const served = await besides(feed, () => greet(router.stack, controller))
  await serve(router, 'acme/honest', 'hello')
  return { counted: ledger.counters.unusable, ...served }
}
