/** Lies told to a controller, and by one. */

import { once } from 'node:events'
import { expect, test } from 'vitest'
import { must } from '../../checker/text/at.ts'
import {
  certifiedName,
  certify,
  newServiceKey,
  publicKeyOf,
  readServiceKey,
} from '../host/services/certificate.ts'
import { serviceIdOf } from '../host/services/serviceId.ts'
import { parseAddress } from '../link/address.ts'
import { connect, createServer, type Stack } from '../sockets/index.ts'
import { Agent } from './agent.ts'
import { statementOf } from './certified.ts'
import { type Answer, CONTROLLER_SERVICE, encode, type Question } from './messages.ts'
import { ask, Plane, serve, until } from './testing/plane.ts'

/** Returns a controller's answers to each line. */
async function told(stack: Stack, via: string, lines: readonly Question[]): Promise<string[]> {
  const socket = connect({ service: CONTROLLER_SERVICE, via, stack })
  const answers: string[] = []
  for (const line of lines) {
    socket.write(encode(line))
    const [bytes] = await once(socket, 'data')
    const { type, code = '' } = JSON.parse(String(bytes))
    answers.push(`${type} ${code}`.trim())
  }
  socket.destroy()
  return answers
}

test('replaying overheard certificates changes nothing', async () => {
  const key = readServiceKey(newServiceKey())
  const service = certifiedName('acme/bank', publicKeyOf(key))
  await using plane = new Plane()
  const { at, ledger } = await plane.controller()
  const [owner, thief] = [await plane.stack(), await plane.stack()]
  const expiresMs = Date.now() + 60_000
  const issuedMs = Date.now()
  const signed = (type: 'register' | 'unregister', version: number): Question => {
    const [instance, address] = ['instance-1', must(owner.addresses[0])]
    const claim = { service, instance, address, version, expiresMs, issuedMs }
    const share = { priority: 100, weight: 1, leaseMs: 30_000 }
    const said = type === 'register' ? { type, ...claim, ...share } : { type, ...claim }
    const statement = statementOf(said, serviceIdOf(service), parseAddress(address))
    return { ...said, certificate: certify(statement, key) }
  }
  const [first, gone, again] = [signed('register', 1), signed('unregister', 2), signed('register', 3)]
  expect(await told(owner, at, [first, gone, again])).toEqual(['confirmed', 'confirmed', 'confirmed'])
  const elsewhere = { ...again, address: must(thief.addresses[0]) } as Question
  const [drained, kept, preferred] = [{ weight: 0 }, { leaseMs: 3_600_000 }, { priority: 0 }].map(
    change => ({ ...again, ...change }) as Question,
  )
  expect(
    await told(thief, at, [first, gone, again, elsewhere, must(drained), must(kept), must(preferred)]),
  ).toEqual([
    'refused CONTROLLER_STALE',
    'refused CONTROLLER_STALE',
    'confirmed',
    'refused CONTROLLER_CERTIFICATE',
    'refused CONTROLLER_CERTIFICATE',
    'refused CONTROLLER_CERTIFICATE',
    'refused CONTROLLER_CERTIFICATE',
  ])
  const known = ledger.registrations.known.bound(Buffer.from(serviceIdOf(service)).toString('hex'))
  expect(known).toMatchObject([{ address: owner.addresses[0], version: 3, state: 'bound' }])
})

test('a draining instance does not count as one that is being started', async () => {
  await using plane = new Plane()
  const controller = await plane.controller({ start: { 'acme/web': 'sleep 5' } })
  const draining = async () => serve(await plane.host([controller.at], { weight: 0 }), 'acme/web', 'old')
  await draining()
  const client = await plane.host([controller.at])
  const asked = ask(client.stack, 'acme/web')
  await until(() => controller.started === 1)
  await draining()
  expect(client.stack.host.delays.size).toBe(1)
  await serve(await plane.host([controller.at]), 'acme/web', 'new')
  expect(await asked).toBe('new')
  expect(controller.failures).toEqual([])
})

test('a lying controller cannot take a service from a host, and its excess rules are counted', async () => {
  await using plane = new Plane()
  const [liar, stack] = [await plane.stack(), await plane.stack()]
  const target = (address: string) => ({ kind: 'forward', address, priority: 200, weight: 1 }) as const
  const many = Array.from({ length: 2000 }, (_, i) => target(`192.0.2.1:${i + 1}`))
  const lies: Answer[] = [
    { type: 'confirmed', service: 'acme/own', instance: 'nobodys-own', version: 7, leaseMs: 1 },
    { type: 'rules', prefix: 'acme/own', targets: [target('192.0.2.1:1')] },
    { type: 'rules', prefix: 'no name at all', targets: [target('192.0.2.1:1')] },
    { type: 'rules', prefix: 'acme/web', targets: [target('nowhere')] },
    { type: 'rules', prefix: 'acme/many', targets: many },
    { type: 'resolved', service: '//', found: true },
    { type: 'complete' },
  ]
  const server = createServer({ stack: liar }, socket => {
    socket.on('error', () => {})
    socket.write('no line of a controller\n')
    for (const lie of lies) socket.write(encode(lie))
  })
  server.listen(CONTROLLER_SERVICE)
  await once(server, 'listening')
  await using agent = new Agent({ stack, controllers: liar.addresses, delays: true })
  const own = createServer({ stack }, socket => socket.end('own')).listen('acme/own')
  await until(() => agent.rules.refused >= many.length - 1024 + 2)
  // The listener's rule has the longer prefix.
  expect(await ask(stack, 'acme/own')).toBe('own')
  expect(await agent.connected()).toBe(agent)
  expect(agent.counters.lost).toBe(0)
  own.close()
  server.close()
})
