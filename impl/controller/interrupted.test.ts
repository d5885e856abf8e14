/** A controller that was suspended, whose clock was set, or that begins without memory, blames no host for it. */
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { SLOW } from '../../checker/testing/limits.ts'
import { createServer } from '../sockets/index.ts'
import { ControllerLine } from './controllerLine.ts'
import { Ledger } from './ledger.ts'
import { LEAST_LEASE_MS } from './limits.ts'
import { CONTROLLER_SERVICE } from './messages.ts'
import { keyOf } from './records.ts'
import { MemoryRegistry } from './registry/memory.ts'
import { ask, Plane, serve, until } from './testing/plane.ts'

const RECORD = {
  ...{ service: 'acme/web', id: '00'.repeat(32), instance: 'one', version: 1, owner: '127.0.0.1' },
  ...{ address: '127.0.0.1:1', state: 'bound' as const, priority: 100, weight: 1 },
  ...{ leaseMs: LEAST_LEASE_MS, expiresMs: 0 },
} as const

test.each([
  ['forward', 3_600_000],
  ['back', -3_600_000],
])('when its clock is set %s, each lease starts over, and ends', SLOW, async (_, jumpMs) => {
  let setMs = 0
  const now = () => performance.now() + setMs
  const events = { confirm() {}, refuse() {}, changed() {}, ruled() {}, trouble() {} }
  const ledger = new Ledger<object>(new MemoryRegistry(), events, now, {})
  await ledger.open()
  ledger.claim({ kind: 'REGISTER', peer: {}, record: RECORD })
  const key = keyOf(RECORD)
  const left = () => (ledger.registrations.known.get(key)?.dueMs ?? Number.NaN) - now()
  await until(() => ledger.registrations.known.keys().length === 1)
  setMs = jumpMs
  await until(() => left() > 0 && left() <= LEAST_LEASE_MS)
  expect(ledger.registrations.known.keys()).toEqual([key])
  await until(() => ledger.registrations.known.keys().length === 0)
  await ledger.close()
})

test('hosts keep their rules when their next controller has an empty registry', SLOW, async () => {
  await using plane = new Plane()
  const [first, second] = [await plane.controller(), await plane.controller()]
  await serve(await plane.host([first.at]), 'acme/web', 'served')
  const client = await plane.host([first.at, second.at])
  expect(await ask(client.stack, 'acme/web')).toBe('served')
  const failedOver = once(client.agent, 'connected')
  const answered = new Promise<void>(resolve => {
    client.agent.on('rules', () => client.agent.controller === second.at && resolve())
  })
  await first.close()
  await failedOver
  await answered
  expect(await ask(client.stack, 'acme/web')).toBe('served')
})

test('a host returns ever later to a controller that ends each session at once', SLOW, async () => {
  await using plane = new Plane()
  const [controller, host] = [await plane.stack(), await plane.stack()]
  let sessions = 0
  const server = createServer({ stack: controller }, socket => {
    sessions++
    socket.on('error', () => {})
    socket.resetAndDestroy()
  })
  server.listen(CONTROLLER_SERVICE)
  await once(server, 'listening')
  const nothing = () => {}
  const events = { connected: nothing, answer: nothing, lost: nothing, moved: nothing, failed: nothing }
  const line = new ControllerLine(
    host,
    controller.addresses.map(via => ({ via })),
    events,
  )
  await wait(3000)
  line.close()
  // The pauses are at least 50, 100, 200, 400, 800 and 1600 ms.
  expect(sessions).toBeGreaterThan(1)
  expect(sessions).toBeLessThanOrEqual(7)
})
