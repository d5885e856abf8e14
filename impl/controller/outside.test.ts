/** Untrusted lines and records end at most their own connection. */

import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { expect, test } from 'vitest'
import { must } from '../../checker/text/at.ts'
import { printServiceId, serviceIdOf } from '../host/services/serviceId.ts'
import { connect, createServer } from '../sockets/index.ts'
import { Agent } from './agent.ts'
import { ledgerFaults } from './ledger.ts'
import { ASKED_LIMIT, PEERS_OF_SOURCE } from './limits.ts'
import { type Answer, CONTROLLER_SERVICE, decodeAnswer } from './messages.ts'
import { peerFaults } from './peer.ts'
import { MemoryRegistry } from './registry/memory.ts'
import { Plane, serve, until } from './testing/plane.ts'

const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)

/** Values that are not texts, and must not be printed in full. */
const EVIL = [deep(500), deep(30_000), '{"toString":1}', `[${'0,'.repeat(20_000)}0]`, '1e999', 'null']

/** Returns a journal line with a valid checksum. */
const lineOf = (text: string): string => `${crc32(text).toString(16).padStart(8, '0')} ${text}\n`

const ID = 'a'.repeat(64)
const record = {
  ...{ service: ID, id: ID, instance: 'instance-1', state: 'bound', version: 1, priority: 1, weight: 1 },
  ...{ address: '192.0.2.1:1', leaseMs: 30_000, owner: '192.0.2.1', expiresMs: 0 },
}
const KEY = `instance.${ID}.instance-1`

test.for(EVIL)('a controller answers a line with %.20s by a code', async value => {
  await using plane = new Plane()
  const { at } = await plane.controller()
  const stack = await plane.stack()
  for (const line of [`{"type":"resolve","service":${value}}`, `{"type":${value}}`, value]) {
    const socket = connect({ service: CONTROLLER_SERVICE, via: at, stack })
    socket.write(`${line}\n`)
    const [answer] = await once(socket, 'data')
    expect(JSON.parse(String(answer)).code).toMatch(/^CONTROLLER_(JSON|SHAPE|LINE)$/)
    socket.destroy()
  }
  await serve(await plane.host([at]), 'acme/web', 'hello')
  expect(peerFaults.count).toBe(0)
})

test('a lying controller stops no host', async () => {
  await using plane = new Plane()
  const [liar, stack] = [await plane.stack(), await plane.stack()]
  const server = createServer({ stack: liar }, socket => {
    socket.on('error', () => {})
    for (const value of EVIL) {
      socket.write(`{"type":"resolved","service":${value},"found":true}\n`)
      socket.write(`{"type":${value}}\n{"type":"rules","prefix":${value},"targets":${value}}\n`)
    }
    socket.write('{"type":"complete"}\n')
  })
  server.listen(CONTROLLER_SERVICE)
  await once(server, 'listening')
  await using agent = new Agent({ stack, controllers: liar.addresses })
  await until(() => agent.mistakes >= 3 * EVIL.length)
  expect(agent.counters.lost).toBe(0)
  server.close()
})

test.for([
  { address: 'nowhere' },
  { address: '192.0.2.1:99999' },
  { version: -1 },
  { weight: 1e99 },
  { leaseMs: 1e15 },
  { service: 'acme/other' },
  { instance: '' },
])('a record with %o is omitted and counted, and a router still gets all other rules', async change => {
  const faults = [ledgerFaults.count, peerFaults.count]
  await using plane = new Plane()
  const file = plane.file()
  const registry = new MemoryRegistry({ file })
  await registry.open({ entry: () => {}, lost: () => {}, reachable: () => {} })
  await registry.put(KEY, JSON.stringify({ ...record, ...change }), 0)
  await registry.put('rule.x', '{"prefix":"*","kind":"forward","priority":1,"weight":1}', 0)
  await registry.close()
  const { at, ledger } = await plane.controller({ registry: new MemoryRegistry({ file }) })
  const host = await plane.host([at], { rules: 'all' })
  await serve(host, 'acme/web', 'hello')
  expect(ledger.counters.unusable).toBe(2)
  expect(ledger.registrations.known.bound(ID)).toEqual([])
  expect([ledgerFaults.count, peerFaults.count]).toEqual(faults)
})

test.for([
  'null',
  '[]',
  '{}',
  '{"k":1,"r":1}',
  '{"k":"a","v":"b","r":"c"}',
  '{"k":"a","v":{},"r":1}',
  deep(9000),
  'x',
])('a line of a journal that says %.20s, with its checksum, is rejected with its number', async text => {
  await using plane = new Plane()
  const file = plane.file()
  writeFileSync(file, lineOf('{"k":"a","v":"b","r":1}') + lineOf(text))
  const open = () =>
    new MemoryRegistry({ file }).open({ entry: () => {}, lost: () => {}, reachable: () => {} })
  const rejection = { code: 'REGISTRY_DAMAGED', message: expect.stringContaining('line 2') }
  await expect(open()).rejects.toMatchObject(rejection)
  // The file is unlocked again.
  await expect(open()).rejects.toMatchObject(rejection)
})

test('a host above the limit on subscriptions loses the oldest rules, and asks again', async () => {
  await using plane = new Plane()
  const { at, counters } = await plane.controller()
  await serve(await plane.host([at]), 'acme/web', 'hello')
  const socket = connect({ service: CONTROLLER_SERVICE, via: at, stack: await plane.stack() })
  let heard = ''
  const told: Answer[] = []
  socket.on('data', chunk => {
    const lines = (heard + chunk).split('\n')
    heard = must(lines.pop())
    for (const line of lines) told.push(decodeAnswer(line))
  })
  const resolve = (service: string) => socket.write(`{"type":"resolve","service":"${service}"}\n`)
  const web = printServiceId(serviceIdOf('acme/web'))
  const targets = () =>
    told.flatMap(answer => (answer.type === 'rules' && answer.prefix === web ? [answer.targets.length] : []))
  resolve('acme/web')
  for (let i = 0; i < ASKED_LIMIT; i++) resolve(`no/${i}`)
  await until(() => targets().length === 2)
  expect([targets(), counters.forgotten]).toEqual([[1, 0], 1])
  resolve('acme/web')
  await until(() => targets().length === 3)
  expect(targets()).toEqual([1, 0, 1])
})

test('one address keeps within its share of places, and another host is answered', async () => {
  await using plane = new Plane()
  const { at, counters } = await plane.controller()
  const stack = await plane.stack()
  let open = 0
  for (let i = 0; i < PEERS_OF_SOURCE + 20; i++) {
    const socket = connect({ service: CONTROLLER_SERVICE, via: at, stack })
    socket.on('error', () => {}).on('connect', () => open++)
  }
  await until(() => counters.displaced === 20)
  await serve(await plane.host([at]), 'acme/web', 'hello')
  expect([open, counters.displaced]).toEqual([PEERS_OF_SOURCE + 20, 20])
})
