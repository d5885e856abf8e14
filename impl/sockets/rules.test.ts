/** The rules of running stacks, over UDP. */

import { once } from 'node:events'
import { expect, test } from 'vitest'
import { at } from '../../checker/text/at.ts'
import { ServiceError } from '../host/services/serviceErrors.ts'
import { connect, createServer, type RuleTarget, Stack, type StackRule } from './index.ts'

const SERVICE = 'test/service'
const VIA = { via: '192.0.2.1:54325' }

const open = (address: string): Promise<Stack> => new Stack({ addresses: [`${address}:0`] }).opened()

const codeOf = (act: () => unknown): string => {
  try {
    act()
    return 'none'
  } catch (error) {
    return error instanceof ServiceError ? error.code : String((error as { code?: string }).code)
  }
}

test('rules are added, changed, listed and removed', async () => {
  await using stack = await open('127.0.0.1')
  const { rules } = stack
  rules.add('acme', VIA, { weight: 3, idleMs: 5000 })
  rules.add('*', 'delay')
  rules.add('acme/old', 'drop', { priority: 7 })
  const counts = { isPlain: false, packets: 0, bytes: 0, drops: 0 }
  const forEver = { idleMs: Infinity, hardMs: Infinity }
  expect(rules.list()).toEqual([
    { prefix: 'acme/old/*', bits: 64, target: 'drop', priority: 7, weight: 1, ...counts, ...forEver },
    { prefix: 'acme/*', bits: 32, target: VIA, priority: 1, weight: 3, ...counts, ...forEver, idleMs: 5000 },
    { prefix: '*', bits: 0, target: 'delay', priority: 1, weight: 1, ...counts, ...forEver },
  ])
  rules.add('acme', VIA, { weight: 0 })
  expect(rules.list()[1]).toMatchObject({ weight: 0, idleMs: Infinity })
  expect([rules.remove('acme', VIA), rules.remove('acme', VIA)]).toEqual([true, false])
  expect(rules.list().map(({ prefix }) => prefix)).toEqual(['acme/old/*', '*'])
})

test('adding a rule again keeps the options that are not given', async () => {
  await using stack = await open('127.0.0.1')
  const { rules } = stack
  rules.add('acme', VIA, { priority: 100, weight: 3 })
  rules.add('acme', VIA, { weight: 5 })
  expect(rules.list()).toMatchObject([{ priority: 100, weight: 5 }])
  rules.add('acme', VIA, { priority: 7 })
  expect(rules.list()).toMatchObject([{ priority: 7, weight: 5 }])
})

test('an overruled rule reports the rule that decides instead', async () => {
  await using stack = await open('127.0.0.1')
  const { rules } = stack
  rules.add('acme', VIA, { priority: 5 })
  rules.add('acme', 'drop', { priority: 4 })
  expect(rules.overruling('acme', 'drop')).toMatchObject({ target: VIA, priority: 5 })
  expect(rules.overruling('acme', VIA)).toBeUndefined()
  rules.add('acme', VIA, { weight: 0 })
  expect(rules.overruling('acme', 'drop')).toBeUndefined()
  // The service is served here, so no rule for the name decides about it.
  const server = createServer({ stack }).listen(SERVICE)
  await once(server, 'listening')
  rules.add(SERVICE, VIA, { priority: 40_000 })
  expect(rules.overruling(SERVICE, VIA)).toMatchObject({ target: 'demux', bits: 256 })
})

test("a listener's rule is listed, and cannot be added by hand", async () => {
  await using stack = await open('127.0.0.1')
  const server = createServer({ stack }).listen(SERVICE)
  await once(server, 'listening')
  expect(stack.rules.list()).toMatchObject([{ bits: 256, target: 'demux', priority: 32_000 }])
  expect(codeOf(() => stack.rules.add('acme', 'demux' as RuleTarget))).toBe('SERVICE_TARGET')
})

test('a rule that says nothing, contradicts itself, or leads back is rejected, and others stay', async () => {
  await using stack = await open('127.0.0.1')
  const { rules } = stack
  rules.add('acme', VIA)
  expect(codeOf(() => rules.add('acme', 'drop'))).toBe('SERVICE_CONTRADICTION')
  expect(codeOf(() => rules.add('acme', { via: at(stack.addresses, 0) }))).toBe('SERVICE_LOOP')
  for (const target of [undefined, null, {}, 'forward', 7])
    expect(codeOf(() => rules.add('acme', target as RuleTarget))).toBe('SERVICE_TARGET')
  expect(codeOf(() => rules.add('acme', { via: 'nowhere' }))).toBe('LINK_ADDRESS')
  expect(codeOf(() => rules.add('acme/', VIA))).toBe('SERVICE_NAME')
  expect(codeOf(() => rules.add('acme', VIA, { hardMs: 0 }))).toBe('SERVICE_TIMEOUT')
  expect(codeOf(() => rules.add('acme', VIA, { weight: -1 }))).toBe('SERVICE_WEIGHT')
  expect(rules.list()).toMatchObject([{ prefix: 'acme/*', target: VIA, weight: 1, hardMs: Infinity }])
})

test('an expired rule disappears, and is reported with its last state', async () => {
  await using client = await open('127.0.0.1')
  await using server = await open('127.0.0.2')
  const listening = createServer({ stack: server }, socket => socket.end('found')).listen(SERVICE)
  await once(listening, 'listening')
  client.rules.add('test', { via: at(server.addresses, 0) }, { hardMs: 200 })
  const ended = once(client, 'expired') as Promise<[readonly StackRule[]]>
  const socket = connect({ service: SERVICE, stack: client })
  const [bytes] = await once(socket, 'data')
  expect(String(bytes)).toBe('found')
  const [rules] = await ended
  expect(rules).toMatchObject([{ prefix: 'test/*', packets: 1, drops: 0 }])
  expect(client.rules.list()).toEqual([])
  const later = connect({ service: SERVICE, stack: client })
  await expect(once(later, 'connect')).rejects.toMatchObject({ code: 'ENOTFOUND' })
})

test('waiting connections continue when the rule to wait is removed', async () => {
  await using stack = await open('127.0.0.1')
  stack.rules.add('*', 'delay')
  const socket = connect({ service: SERVICE, stack })
  const ended = expect(once(socket, 'connect')).rejects.toMatchObject({ code: 'ENOTFOUND' })
  await new Promise(resolve => setImmediate(resolve))
  expect(stack.host.delays.size).toBe(1)
  stack.rules.remove('*', 'delay')
  await ended
})
