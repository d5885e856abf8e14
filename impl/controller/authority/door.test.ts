/** TLS and tokens on the connections of hosts, with real controllers and sockets. */
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { connect, createServer } from '../../sockets/index.ts'
import { selfSigned } from '../../sockets/testing/certificate.ts'
import { Agent } from '../agent.ts'
import { type ControllerAt, controllerAt } from '../controllerAt.ts'
import { listInstances } from '../directory.ts'
import { encode } from '../messages.ts'
import { accepted, contextOf, TLS_NAME } from '../secure.ts'
import { ask, Plane, serve, until } from '../testing/plane.ts'
import { Authority } from './authority.ts'
import { digestOf, Guesses, hashOf, Tokens } from './tokens.ts'

const TOKEN = 'a'.repeat(43)
const WRONG = 'b'.repeat(43)
const tokens = new Authority({ tokens: { 'edge-1': hashOf(TOKEN) } })
const [own, other] = [selfSigned(TLS_NAME), selfSigned('elsewhere.example')]

/** Returns the first refusal of a host with this controller. */
async function refusalOf(plane: Plane, controller: ControllerAt): Promise<{ code: string; message: string }> {
  const agent = new Agent({ stack: await plane.stack(), controllers: [controller] })
  const [why] = await once(agent, 'refused')
  await agent.close()
  return why
}

describe('with TLS', () => {
  test('a host registers many services, and a client finds it', async () => {
    await using plane = new Plane()
    const controller = await plane.controller({ tls: own })
    const at = { via: controller.at, tls: { ca: own.cert } }
    const [host, client] = [await plane.host([at]), await plane.host([at])]
    for (let i = 0; i < 50; i++) await serve(host, `acme/s${i}`, `acme/s${i}`)
    expect(controller.list()).toHaveLength(50)
    expect(await ask(client.stack, 'acme/s7')).toBe('acme/s7')
    await host.agent.close()
    await until(() => controller.list().length === 0)
    expect(controller.counters.mistakes).toBe(0)
  })

  test('a wrong authority, a wrong name, and only one end with TLS are clear errors', async () => {
    await using plane = new Plane()
    const [secure, plain] = [await plane.controller({ tls: own }), await plane.controller()]
    const elsewhere = await plane.controller({ tls: other })
    const error = async (at: ControllerAt) => (await refusalOf(plane, at)).message
    expect(await error({ via: secure.at, tls: { ca: other.cert } })).toMatch(/^CONTROLLER_TLS: .*self-signed/)
    expect(await error({ via: elsewhere.at, tls: { ca: other.cert } })).toMatch(/^CONTROLLER_TLS: .*altnames/)
    expect(await error({ via: plain.at, tls: { ca: own.cert } })).toMatch(/^CONTROLLER_TLS: .*has no TLS/)
    expect(await error({ via: secure.at })).toMatch(/^CONTROLLER_TLS: .*wants TLS/)
    const stack = await plane.stack()
    await expect(listInstances(stack, secure.at)).rejects.toThrow(/^CONTROLLER_TLS: .*wants TLS/)
    await expect(listInstances(stack, `tls://${plain.at}`)).rejects.toThrow(/^CONTROLLER_TLS: /)
  })

  test('a new certificate is for later connections, and a faulty one changes nothing', async () => {
    await using plane = new Plane()
    const controller = await plane.controller({ tls: own })
    const next = selfSigned(TLS_NAME)
    const before = await plane.host([{ via: controller.at, tls: { ca: own.cert } }])
    expect(() => controller.door.secure({ cert: next.cert, key: own.key })).toThrow(/^CONTROLLER_FILE: /)
    controller.door.secure(next)
    await plane.host([{ via: controller.at, tls: { ca: next.cert } }])
    await serve(before, 'acme/web', 'still')
    expect((await refusalOf(plane, { via: controller.at, tls: { ca: own.cert } })).code).toBe(
      'CONTROLLER_TLS',
    )
  })

  test('half a handshake ends after a while, although the host keeps the connection', async () => {
    await using plane = new Plane()
    const stack = await plane.stack()
    const results: Promise<unknown>[] = []
    const server = createServer({ stack }, socket =>
      results.push(accepted(socket, contextOf(own), false, 20)),
    ).listen('acme/tls')
    const socket = connect({ service: 'acme/tls', stack })
    socket.on('error', () => {}).resume()
    socket.write(Buffer.from('160301020001fc0303', 'hex'))
    await once(socket, 'close')
    expect(await Promise.all(results)).toEqual([undefined])
    server.close()
  })

  test('noise, silence and half a handshake end only their own connections', async () => {
    await using plane = new Plane()
    const controller = await plane.controller({ tls: own })
    const stack = await plane.stack()
    const hello = Buffer.from('160301020001fc0303', 'hex')
    for (const bytes of [
      hello,
      Buffer.concat([hello, Buffer.alloc(600, 0xff)]),
      Buffer.from('{}\n'),
      Buffer.alloc(0),
    ]) {
      const socket = connect({ service: 'serval/controller', via: controller.at, stack })
      socket.on('error', () => {}).resume()
      await once(socket, 'connect')
      socket.end(bytes)
      await once(socket, 'close')
    }
    await until(() => controller.peers === 0)
    await serve(await plane.host([{ via: controller.at, tls: { ca: own.cert } }]), 'acme/web', 'well')
    expect([controller.list().length, controller.peers]).toEqual([1, 1])
  })
})

describe('with tokens', () => {
  test('only a host with a token that the controller knows is heard', async () => {
    await using plane = new Plane()
    const denied: string[] = []
    const controller = await plane.controller({
      authority: tokens,
      onDenied: (_, { code }) => denied.push(code),
    })
    const good = await plane.host([{ via: controller.at, token: TOKEN }])
    await serve(good, 'acme/web', 'good')
    expect(await refusalOf(plane, { via: controller.at })).toMatchObject({ code: 'CONTROLLER_TOKEN' })
    expect(await refusalOf(plane, { via: controller.at, token: WRONG })).toMatchObject({
      code: 'CONTROLLER_TOKEN',
    })
    const stack = await plane.stack()
    await expect(listInstances(stack, controller.at)).rejects.toThrow(/^CONTROLLER_TOKEN: /)
    process.env.SERVAL_TOKEN = TOKEN
    expect(
      await listInstances(stack, controller.at).finally(() => delete process.env.SERVAL_TOKEN),
    ).toHaveLength(1)
    expect(denied.length).toBeGreaterThan(2)
    expect(controller.events.wrongTokens).toBe(denied.length)

    // A host whose token is valid no more is disconnected.
    controller.authorize(new Authority({ tokens: { 'edge-1': hashOf(WRONG) } }))
    await once(good.agent, 'lost')
    expect(controller.list()).toHaveLength(1)
  })

  test('a host must show its token before it asks, and wrong ones are limited', async () => {
    await using plane = new Plane()
    const controller = await plane.controller({ authority: tokens })
    const stack = await plane.stack()
    const answers = async (line: string): Promise<string> => {
      const socket = connect({ service: 'serval/controller', via: controller.at, stack })
      let said = ''
      socket.on('error', () => {}).on('data', piece => (said += piece))
      socket.write(line)
      await once(socket, 'close')
      return JSON.parse(said.split('\n')[0] ?? '').code
    }
    expect(await answers(encode({ type: 'list', more: false }))).toBe('CONTROLLER_TOKEN')
    const guess = encode({ type: 'hello', addresses: [], rules: 'all', token: WRONG })
    const codes: string[] = []
    for (let i = 0; i < 10; i++) codes.push(await answers(guess))
    expect(codes).toEqual([...Array(8).fill('CONTROLLER_TOKEN'), 'CONTROLLER_LIMIT', 'CONTROLLER_LIMIT'])
    // From another address, the right token is heard.
    await plane.host([{ via: controller.at, token: TOKEN }])
  })

  test('a host without a token is heard once, and disconnected if it takes no answer', async () => {
    await using plane = new Plane()
    const denied: string[] = []
    const controller = await plane.controller({
      authority: tokens,
      onDenied: (_, { code }) => denied.push(code),
    })
    const stack = await plane.stack()
    const socket = connect({ service: 'serval/controller', via: controller.at, stack })
    socket.on('error', () => {}).resume()
    socket.write(encode({ type: 'list', more: false }).repeat(500))
    await once(socket, 'close')
    expect(denied).toEqual(['CONTROLLER_TOKEN'])
  })

  test('each source may guess eight times, and then once in ten seconds', () => {
    const guesses = new Guesses()
    for (let i = 0; i < 8; i++) {
      expect(guesses.mayGuess(1, 0)).toBe(true)
      guesses.note(1, 0)
    }
    expect([guesses.mayGuess(1, 9999), guesses.mayGuess(1, 10_000), guesses.mayGuess(2, 0)]).toEqual([
      false,
      true,
      true,
    ])
  })

  test('looking a token up among thousands takes no longer than among few', () => {
    const tokensOf = (count: number) =>
      new Tokens(Object.fromEntries(Array.from({ length: count }, (_, i) => [`h${i}`, hashOf(`${i}`)])))
    const timeOf = (known: Tokens): number => {
      const began = performance.now()
      for (let i = 0; i < 500; i++) known.nameOf(digestOf('none'))
      return performance.now() - began
    }
    const [few, many] = [tokensOf(2), tokensOf(4096)]
    timeOf(few)
    const ratios = Array.from({ length: 5 }, () => timeOf(many) / timeOf(few)).sort((a, b) => a - b)
    expect(ratios[0]).toBeLessThan(10)
  })

  test.for(['sha256:abc', TOKEN, ''])('%s is no hash of a token', hash => {
    expect(() => new Tokens({ a: hash })).toThrow(/^CONTROLLER_KEYS: /)
  })
})

describe('the text of a controller', () => {
  test('names its address, and what it takes to talk to it', async () => {
    await using plane = new Plane()
    const file = plane.file()
    writeFileSync(file, `${TOKEN}\n`)
    expect(controllerAt('192.0.2.1', {})).toEqual({ via: '192.0.2.1' })
    expect(controllerAt('tls://[2001:db8::1]:9', {})).toEqual({ via: '[2001:db8::1]:9', tls: {} })
    expect(controllerAt(`127.0.0.1?token=${file}`, {})).toEqual({ via: '127.0.0.1', token: TOKEN })
    expect(controllerAt('tls://c.example', { SERVAL_TOKEN: TOKEN })).toEqual({
      via: 'c.example',
      tls: {},
      token: TOKEN,
    })
    writeFileSync(file, own.cert)
    expect(controllerAt(`tls://192.0.2.1?ca=${file}`, {})).toMatchObject({ tls: { ca: own.cert } })
    for (const [text, code] of [
      [`192.0.2.1?ca=${file}`, 'CONTROLLER_TLS'],
      [`tls://192.0.2.1?token=${file}`, 'CONTROLLER_FILE'],
      ['tls://192.0.2.1?token=/none', 'CONTROLLER_FILE'],
      // Empty.
      ['tls://192.0.2.1?token=/dev/null', 'CONTROLLER_FILE'],
      ['tls://192.0.2.1?ca=/none', 'CONTROLLER_FILE'],
      ['tls://192.0.2.1?colour=red', 'CONTROLLER_OPTION'],
      ['tls://', 'LINK_ADDRESS'],
      ['http://192.0.2.1', 'LINK_ADDRESS'],
    ] as const)
      expect(() => controllerAt(text, {})).toThrow(expect.objectContaining({ code }))
    // Nobody else may read a token.
    expect(() => controllerAt('192.0.2.1', { SERVAL_TOKEN: TOKEN })).toThrow(/^CONTROLLER_TLS: /)
    expect(() => controllerAt('localhost', { SERVAL_TOKEN: TOKEN })).toThrow(/^CONTROLLER_TLS: /)
  })
})
