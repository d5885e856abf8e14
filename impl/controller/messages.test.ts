import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { must } from '../../checker/text/at.ts'
import { TIMERS_LIMIT } from '../host/flows/timers.ts'
import { connect } from '../sockets/index.ts'
import {
  ANSWERS,
  type Answer,
  decodeAnswer,
  decodeQuestion,
  encode,
  QUESTION_LIMIT,
  QUESTIONS,
  type Question,
} from './messages.ts'
import { Plane } from './testing/plane.ts'

const claim = { service: 'acme/web', instance: 'abcdefgh12345678', address: '127.0.0.1:54325', version: 1 }
const register = { type: 'register', ...claim, priority: 100, weight: 1, leaseMs: 30_000 } as const
const unregister = { type: 'unregister', ...claim } as const
const questions: readonly Question[] = [
  { type: 'hello', addresses: ['127.0.0.1:54325'], rules: 'asked', versions: [1], understands: ['changes'] },
  register,
  unregister,
  { type: 'renew', number: 1, tickets: [4_194_304, 4_194_305] },
  { type: 'resolve', service: 'acme/web' },
  { type: 'silent', service: 'ab'.repeat(32), address: '127.0.0.1:54325' },
  { type: 'addresses', addresses: [] },
  { type: 'statistics', instances: [{ service: 'acme/web', instance: 'abcdefgh12345678', flows: 3 }] },
  { type: 'list', more: false },
]

describe('messages', () => {
  test('survive the round trip', () => {
    expect(questions.map(({ type }) => type)).toEqual(Object.keys(QUESTIONS))
    for (const question of questions) expect(decodeQuestion(encode(question))).toEqual(question)
    const refused = { type: 'refused', ...claim, code: 'CONTROLLER_STALE', message: 'no' } as const
    const { address: _, ...said } = refused
    expect(decodeAnswer(encode(said))).toEqual(said)
    const change = {
      ...{ type: 'change', prefix: 'ab', gone: [{ kind: 'delay' }] },
      targets: [{ kind: 'forward', address: '127.0.0.1:1', priority: 1, weight: 2 }],
    } as const
    expect(decodeAnswer(encode(change as unknown as Answer))).toEqual(change)
    expect(Object.keys(ANSWERS).length).toBe(9)
  })

  test.for([
    ['CONTROLLER_JSON', 'hello'],
    ['CONTROLLER_JSON', '{"type":"hello"'],
    ['CONTROLLER_SHAPE', '[]'],
    ['CONTROLLER_SHAPE', 'null'],
    ['CONTROLLER_SHAPE', '{"type":"toString"}'],
    ['CONTROLLER_SHAPE', '{"type":"resolve","service":"x y"}'],
    ['CONTROLLER_SHAPE', JSON.stringify({ ...register, version: 2 ** 32 })],
    ['CONTROLLER_SHAPE', JSON.stringify({ ...register, priority: 10_000 })],
    ['CONTROLLER_SHAPE', JSON.stringify({ ...register, instance: 'short' })],
    ['CONTROLLER_SHAPE', JSON.stringify({ ...register, leaseMs: -1 })],
    ['CONTROLLER_SHAPE', JSON.stringify({ ...register, leaseMs: 1e30 })],
  ])('%s: %s', ([code, line]) => {
    expect(() => decodeQuestion(must(line))).toThrow(expect.objectContaining({ code }))
  })

  test('any text is read or rejected with a code', () => {
    const word = fc.constantFrom('type', 'service', 'instance', 'version', 'addresses', 'instances', 'rules')
    const value = fc.oneof(fc.constantFrom(...Object.keys(QUESTIONS)), fc.jsonValue({ maxDepth: 2 }))
    const line = fc.oneof(
      fc.string(),
      fc.dictionary(word, value).map(one => JSON.stringify(one)),
    )
    fc.assert(
      fc.property(line, text => {
        try {
          expect(Object.keys(QUESTIONS)).toContain(decodeQuestion(text).type)
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^CONTROLLER_(JSON|SHAPE)$/) })
        }
      }),
      { numRuns: 2000 },
    )
  })
})

describe('a controller', () => {
  /** Returns what it answers to `text`, until it ends the connection or has sent `lines` lines. */
  async function said(plane: Plane, at: string, text: string | Uint8Array, lines: number): Promise<string[]> {
    const socket = connect({ service: 'serval/controller', via: at, stack: await plane.stack() })
    socket.on('error', () => {})
    socket.write(text)
    let heard = ''
    for await (const chunk of socket) {
      heard += chunk
      if (heard.split('\n').length > lines) break
    }
    socket.destroy()
    return heard.trim().split('\n')
  }

  test('answers invalid lines with codes, and disconnects after too many', async () => {
    await using plane = new Plane()
    const { at, counters } = await plane.controller()
    const codes = (answers: string[]) => answers.map(answer => JSON.parse(answer).code)
    expect(codes(await said(plane, at, 'x\n'.repeat(50), 100))).toEqual(Array(17).fill('CONTROLLER_JSON'))
    expect(codes(await said(plane, at, 'x'.repeat(QUESTION_LIMIT + 10), 1))).toEqual(['CONTROLLER_LINE'])
    expect(counters.mistakes).toBe(18)
  })

  test.for([
    ['CONTROLLER_SERVICE', { service: 'serval/controller' }],
    ['CONTROLLER_SERVICE', { service: '//' }],
    ['CONTROLLER_ADDRESS', { address: '192.0.2.1:54325' }],
    ['CONTROLLER_ADDRESS', { address: 'nowhere' }],
    ['CONTROLLER_LEASE', { leaseMs: 0 }],
    ['CONTROLLER_LEASE', { leaseMs: 3_600_001 }],
  ] as const)('refuses a registration: %s %o', async ([code, change]) => {
    await using plane = new Plane()
    const { at, ledger } = await plane.controller()
    const wrong: Question = { ...register, address: '127.0.1.2:1', ...change }
    const [answer] = await said(plane, at, encode(wrong), 1)
    expect(JSON.parse(must(answer))).toMatchObject({ type: 'refused', code, instance: claim.instance })
    expect(ledger.registrations.known.size).toBe(0)
  })

  test('refuses a host that speaks no version of its own, and serves one that also speaks another', async () => {
    await using plane = new Plane()
    const { at } = await plane.controller()
    const hello = (versions: number[]) =>
      encode({ type: 'hello', addresses: [], rules: 'asked', versions, understands: ['more'] })
    const [no] = await said(plane, at, hello([2, 3]), 1)
    expect(JSON.parse(must(no))).toMatchObject({ type: 'error', code: 'CONTROLLER_VERSION' })
    const [yes] = await said(plane, at, hello([1, 2]), 1)
    expect(JSON.parse(must(yes))).toMatchObject({ type: 'complete' })
  })

  test('a host that understands renewals gets a ticket, which is worth nothing to others', async () => {
    await using plane = new Plane()
    const { at } = await plane.controller()
    const hello = (understands: string[]) =>
      encode({ type: 'hello', addresses: [], rules: 'asked', understands })
    // The ticket of the first record.
    const renew = encode({ type: 'renew', number: 7, tickets: [TIMERS_LIMIT, 5] })
    const old = encode({ ...register, address: '127.0.1.2:1' })
    const answers = (lines: string[]) =>
      lines.map(line => JSON.parse(line)).filter(({ type }) => type !== 'complete')
    expect(answers(await said(plane, at, hello(['changes']) + old, 2))).toEqual([
      { type: 'confirmed', service: claim.service, instance: claim.instance, version: 1, leaseMs: 30_000 },
    ])
    const other = encode({ ...register, address: '127.0.1.3:1', instance: 'another-instance' })
    const [confirmed, renewed] = answers(await said(plane, at, hello(['renewals']) + other + renew, 3))
    expect(confirmed).toMatchObject({ type: 'confirmed', ticket: 2 * TIMERS_LIMIT + 1 })
    expect(renewed).toEqual({ type: 'renewed', number: 7, lapsed: [0, 1] })
  })

  test('a stale or replayed unregistration removes nothing', async () => {
    await using plane = new Plane()
    const { at, ledger } = await plane.controller()
    const address = '127.0.1.2:1'
    const lines: Question[] = [
      { ...register, address, version: 5 },
      { ...unregister, address, version: 4 },
      { ...unregister, address, version: 5 },
      { ...register, address, version: 5 },
      { ...register, address, version: 4 },
    ]
    const answers = await said(plane, at, lines.map(line => encode(line)).join(''), lines.length)
    expect(answers.map(answer => JSON.parse(answer)).map(({ type, code = '' }) => `${type} ${code}`)).toEqual(
      ['confirmed ', ...Array(2).fill('refused CONTROLLER_STALE'), 'confirmed ', 'refused CONTROLLER_STALE'],
    )
    expect(ledger.registrations.counters.stale).toBe(3)
    expect(ledger.registrations.known.keys().length).toBe(1)
  })

  test('survives any bytes', async () => {
    await using plane = new Plane()
    const { at, ledger } = await plane.controller()
    const line = fc.oneof(
      fc.constantFrom(...questions).map(question => Buffer.from(encode(question))),
      fc.uint8Array({ maxLength: 100 }).map(bytes => Buffer.from(bytes)),
      fc.constant(Buffer.from('\n')),
    )
    const stack = await plane.stack()
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 8 }), async pieces => {
        const socket = connect({ service: 'serval/controller', via: at, stack })
        socket.on('error', () => {})
        socket.end(Buffer.concat(pieces))
        let heard = ''
        for await (const chunk of socket) heard += chunk
        for (const answer of heard.split('\n').slice(0, -1))
          expect(Object.keys(ANSWERS)).toContain(JSON.parse(answer).type)
      }),
      { numRuns: 40 },
    )
    expect(ledger.registrations.known.size).toBeLessThanOrEqual(1)
  })
})
