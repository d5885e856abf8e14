/**
 * Datagrams to services with a key, over UDP: a client connects to holders of the key only, and sends messages to
 * nobody else.
 */

import type { KeyObject } from 'node:crypto'
import { once } from 'node:events'
import { afterEach, expect, test, vi } from 'vitest'
import { SLOW } from '../../checker/testing/limits.ts'
import { must } from '../../checker/text/at.ts'
import type { Flow } from '../host/flows/flow.ts'
import { type Answered, FLOW_BYTES, flowBytes, PROOF_BYTES, prove } from '../host/services/proof.ts'
import { serviceIdOf } from '../host/services/serviceId.ts'
import { parseAddress } from '../link/address.ts'
import type { Datagram } from '../link/link.ts'
import type { DatagramTransport } from '../transport/datagram.ts'
import { challengeOf, PROOF_LIMIT_MS } from './challenge.ts'
import { createSocket, type DatagramSocket, Stack } from './index.ts'
import { answered, impostor as imposes, key, linkAt, open, other, service } from './testing/keyed.ts'
import { newDatagrams } from './transports.ts'

/** SAL's base header and the inner UDP header. */
const HEADER_BYTES = 20
const MESSAGE_BYTES = FLOW_BYTES + PROOF_BYTES

const waitFor = (check: () => void): Promise<void> => vi.waitFor(check, SLOW)
const realTimeout = setTimeout
afterEach(() => void vi.restoreAllMocks())

/**
 * Makes all timers run a hundred times as fast, for tests that wait for nothing to happen. A host that wakes early
 * waits again.
 */
const hurry = (): void => {
  const fast = (act: () => void, ms = 0) => realTimeout(act, ms / 100)
  vi.spyOn(globalThis, 'setTimeout').mockImplementation(fast as typeof setTimeout)
}

const impostor = (stack: Stack, act: (transport: DatagramTransport, flow: Flow) => void): void =>
  imposes(stack, () => newDatagrams(stack.packetBytes), act)

/** Serves the service: answers each message in capitals, and collects them. */
async function serve(stack: Stack): Promise<string[]> {
  const heard: string[] = []
  const server = createSocket({ stack }, (message, from) => {
    heard.push(`${message}`)
    server.send(`${message}`.toUpperCase(), from)
  }).bind(service)
  await once(server, 'listening')
  return heard
}

/** Sends a message before connecting. Resolves to the first answer, or to the error's code. */
async function ask(stack: Stack, via: string, message = 'hello'): Promise<string> {
  const socket = createSocket({ stack }).connect({ service, via })
  socket.send(message)
  return answerOf(socket).finally(() => socket.close())
}

const answerOf = (socket: DatagramSocket): Promise<string> =>
  once(socket, 'message').then(
    ([message]) => `${message}`,
    error => error.code,
  )

const copyOf = (one: Datagram): Datagram => ({ ...one, bytes: Uint8Array.from(one.bytes) })

/** Returns a copy whose message `act` has changed, without a checksum, which is optional. */
function forged(one: Datagram, act: (message: Uint8Array) => void): Datagram {
  const copy = copyOf(one)
  copy.bytes.fill(0, HEADER_BYTES - 2, HEADER_BYTES)
  act(copy.bytes.subarray(HEADER_BYTES))
  return copy
}

const isData = ({ bytes }: Datagram, length: number): boolean =>
  bytes[8] === 3 && bytes.length === HEADER_BYTES + length

test("a client connects to a holder of the key, and both ends see only each other's messages", async () => {
  await using server = await open('127.0.0.1', [other, key])
  await using client = await open('127.0.0.2')
  const heard = await serve(server)
  const socket = createSocket({ stack: client }).connect({ service, via: must(server.addresses[0]) })
  const answers: string[] = []
  socket.on('message', message => answers.push(`${message}`))
  socket.send('before')
  await once(socket, 'connect')
  socket.send('after')
  // As long as a question.
  socket.send('x'.repeat(MESSAGE_BYTES))
  await waitFor(() => expect(answers).toEqual(['BEFORE', 'AFTER', 'X'.repeat(MESSAGE_BYTES)]))
  expect(heard).toEqual(['before', 'after', 'x'.repeat(MESSAGE_BYTES)])
})

test('the proof survives loss and repetition, and no application message leaves before it arrives', async () => {
  const log: string[] = []
  let questions = 0
  let proofs = 0
  const takes = (one: Datagram): Datagram[] => {
    if (!isData(one, MESSAGE_BYTES)) return [one]
    const isLost = ++proofs === 1
    log.push(isLost ? 'lost' : 'proof')
    return isLost ? [] : [one, copyOf(one), copyOf(one)]
  }
  const sends = (one: Datagram): Datagram[] => {
    if (isData(one, 5)) log.push('message')
    if (!isData(one, MESSAGE_BYTES)) return [one]
    log.push('question')
    return ++questions === 1 ? [] : [one, copyOf(one)]
  }
  await using client = await open('127.0.0.2', [], await linkAt('127.0.0.2', takes, sends))
  await using server = await open('127.0.0.1', [key])
  const heard = await serve(server)
  const socket = createSocket({ stack: client }).connect({ service, via: must(server.addresses[0]) })
  const answers: string[] = []
  socket.on('message', message => answers.push(`${message}`))
  socket.send('hello')
  await waitFor(() => expect(answers).toEqual(['HELLO']))
  expect(log.indexOf('lost')).toBeLessThan(log.indexOf('proof'))
  expect(log.indexOf('message')).toBeGreaterThan(log.indexOf('proof'))
  socket.send('again')
  await waitFor(() => expect(answers).toEqual(['HELLO', 'AGAIN']))
  expect(heard).toEqual(['hello', 'again'])
})

test('a client does not connect to an impostor, whatever it sends, and sends it no message', async () => {
  await using client = await open('127.0.0.2')
  const answers: Uint8Array[] = []
  const answerTo = (flow: Flow, by: KeyObject, change: Partial<Answered> = {}): Uint8Array =>
    Buffer.concat([flowBytes(answered(flow)), prove({ ...answered(flow), ...change }, flow.local, by)])
  const acts: Record<string, (transport: DatagramTransport, flow: Flow) => void> = {
    nothing: () => {},
    'messages of an application': transport => {
      for (let sent = 0; sent < 200; sent++) transport.write(Buffer.alloc(MESSAGE_BYTES, 'x'))
    },
    'the question': (transport, flow) => {
      transport.write(Buffer.concat([flowBytes(answered(flow)), Buffer.alloc(PROOF_BYTES)]))
    },
    'a proof as streams carry it': (transport, flow) => {
      transport.write(answerTo(flow, key).subarray(FLOW_BYTES))
    },
    'a proof by another key': (transport, flow) => void transport.write(answerTo(flow, other)),
    'a proof for another service': (transport, flow) =>
      void transport.write(answerTo(flow, key, { service: serviceIdOf('acme/other') })),
    'the proof of another flow': (transport, flow) => {
      answers.push(answerTo(flow, key))
      transport.write(must(answers[0]))
    },
    'the proof of another flow under the name of this one': (transport, flow) => {
      transport.write(Buffer.concat([flowBytes(answered(flow)), must(answers[0]).subarray(FLOW_BYTES)]))
    },
    'a proof by the key for another address': (transport, flow) => {
      const proof = prove(answered(flow), parseAddress('127.0.0.77:54325'), key)
      transport.write(Buffer.concat([flowBytes(answered(flow)), proof]))
    },
  }
  for (const [what, act] of Object.entries(acts)) {
    await using server = await open('127.0.0.1')
    const flows: Flow[] = []
    impostor(server, (transport, flow) => {
      flows.push(flow)
      act(transport, flow)
    })
    const via = must(server.addresses[0])
    // For the flow that it was made for, the proof is valid: the client connects.
    if (what === 'the proof of another flow') {
      const socket = createSocket({ stack: client }).connect({ service, via })
      await once(socket, 'connect')
      socket.close()
    }
    hurry()
    const codes = await Promise.all([ask(client, via), ask(client, via)])
    expect([what, ...codes]).toEqual([what, 'EUNPROVED', 'EUNPROVED'])
    for (const { transport } of flows.slice(-2)) {
      const datagrams = transport as DatagramTransport
      for (let one = datagrams.read(); one !== undefined; one = datagrams.read())
        expect(one.length).toBe(MESSAGE_BYTES)
    }
    vi.restoreAllMocks()
  }
  expect(client.counters.unproved).toBeGreaterThanOrEqual(400)
})

test('a client asks a silent peer a few times, at growing intervals, and gives up after the same time as streams', async () => {
  hurry()
  let questions = 0
  const sends = (one: Datagram): Datagram[] => {
    if (isData(one, MESSAGE_BYTES)) questions++
    return [one]
  }
  await using client = await open('127.0.0.2', [], await linkAt('127.0.0.2', one => [one], sends))
  await using server = await open('127.0.0.1')
  const accepted = new Promise(resolve => impostor(server, resolve))
  const code = ask(client, must(server.addresses[0]))
  await accepted
  const [handle] = client.handles
  const challenge = must(challengeOf(must(handle).flow, client.driver))
  const waits: number[] = []
  for (let ms = challenge.ask(); ms !== undefined; ms = challenge.ask()) waits.push(ms)
  expect(await code).toBe('EUNPROVED')
  expect(questions).toBe(2 * waits.length)
  expect(waits.length).toBeGreaterThanOrEqual(5)
  expect(waits.length).toBeLessThanOrEqual(8)
  expect(waits.reduce((sum, ms) => sum + ms)).toBe(PROOF_LIMIT_MS)
  for (const [at, ms] of waits.slice(1, -1).entries()) expect(ms).toBe(2 * must(waits[at]))
})

test('no answer is longer than its question, and only the client can ask', async () => {
  const sizes = { questions: [] as number[], answers: [] as number[] }
  await using client = await open('127.0.0.2')
  const takes = (one: Datagram): Datagram[] => {
    if (one.bytes[8] !== 3) return [one]
    sizes.questions.push(one.bytes.length)
    // An attacker off the path guesses both flowIDs and the form of a question, but not the nonces.
    return [forged(one, message => message.fill(7, 0, FLOW_BYTES)), one]
  }
  const sends = (one: Datagram): Datagram[] => {
    if (one.bytes[8] === 3) sizes.answers.push(one.bytes.length)
    return [one]
  }
  await using server = await open('127.0.0.1', [key], await linkAt('127.0.0.1', takes, sends))
  const socket = createSocket({ stack: server }).bind(service)
  const [heard] = [once(socket, 'message'), await once(socket, 'listening')]
  const connected = createSocket({ stack: client }).connect({ service, via: must(server.addresses[0]) })
  await once(connected, 'connect')
  // The application receives the forged message, like any message of a stranger who knows both flowIDs.
  expect((await heard)[0].length).toBe(MESSAGE_BYTES)
  expect(sizes.answers.length).toBe(sizes.questions.length)
  expect(new Set([...sizes.answers, ...sizes.questions])).toEqual(new Set([HEADER_BYTES + MESSAGE_BYTES]))
})

test('messages forged off the path neither connect nor end a connection', async () => {
  let proofs = 0
  const takes = (one: Datagram): Datagram[] => {
    if (!isData(one, MESSAGE_BYTES)) return [one]
    const forgeries = Array.from({ length: 100 }, (_, at) =>
      forged(one, message =>
        message.fill(must(message[at % FLOW_BYTES]) + 1, at % FLOW_BYTES, 1 + (at % FLOW_BYTES)),
      ),
    )
    return ++proofs === 1 ? [...forgeries, one] : [one]
  }
  await using client = await open('127.0.0.2', [], await linkAt('127.0.0.2', takes))
  await using server = await open('127.0.0.1', [key])
  await serve(server)
  expect(await ask(client, must(server.addresses[0]))).toBe('HELLO')
  expect(client.counters.unproved).toBe(100)
})

test('a relay between a client and the holder of the key is not accepted as a holder', async () => {
  await using server = await open('127.0.0.1', [key])
  await using client = await open('127.0.0.2')
  await using middle = await open('127.0.0.3')
  await serve(server)
  impostor(middle, (outer, flow) => {
    const { host, driver } = middle
    const inner = newDatagrams(middle.packetBytes)
    const asked = {
      service: serviceIdOf(service),
      transport: inner,
      via: parseAddress(must(server.addresses[0])),
    }
    const onward = host.connect({ ...asked, from: must(host.addresses[0]) }, driver.now())
    const rename = (message: Uint8Array, named: Answered): Uint8Array =>
      Buffer.concat([flowBytes(named), message.subarray(FLOW_BYTES)])
    const toClient = answered(flow)
    const pass = (from: DatagramTransport, to: DatagramTransport, named: () => Answered): void => {
      for (let one = from.read(); one !== undefined; one = from.read()) to.write(rename(one, named()))
      driver.kick()
    }
    const toInstance = (): Answered => {
      const { client: instance, instance: client } = answered(onward)
      return { service: flow.service, client, instance }
    }
    inner.user = { onReadable: () => pass(inner, outer, () => toClient) }
    onward.user = { onNotice: () => pass(outer, inner, toInstance) }
    outer.user = { onReadable: () => pass(outer, inner, toInstance) }
  })
  expect(await ask(client, must(middle.addresses[0]))).toBe('EUNPROVED')
  expect(await ask(client, must(server.addresses[0]))).toBe('HELLO')
})

test('a socket without the key serves nobody under that name, and reports it', async () => {
  await using server = await open('127.0.0.1', [other])
  await using client = await open('127.0.0.2')
  const bound = createSocket({ stack: server }, () => expect.unreachable()).bind(service)
  await once(bound, 'listening')
  const dropped = once(bound, 'drop')
  expect(await ask(client, must(server.addresses[0]))).toBe('EUNPROVED')
  expect((await dropped)[0]).toMatchObject({ localAddress: '127.0.0.1', remoteAddress: '127.0.0.2' })
})

test('a client connects to an instance that moves before its proof has arrived', async () => {
  let arePassed = false
  let answers = 0
  const takes = (one: Datagram): Datagram[] => {
    if (isData(one, MESSAGE_BYTES)) return ++answers === 1 ? [] : [one]
    return [one]
  }
  const sends = (one: Datagram): Datagram[] => (arePassed || !isData(one, MESSAGE_BYTES) ? [one] : [])
  await using client = await open('127.0.0.2', [], await linkAt('127.0.0.2', takes, sends))
  const addresses = ['127.0.0.1:0', '127.0.0.3:0', '127.0.0.4:0']
  await using server = await new Stack({ addresses, keys: [key] }).opened()
  await serve(server)
  const answer = ask(client, must(server.addresses[0]))
  await waitFor(() => expect(server.handles.size).toBe(1))
  const [handle] = server.handles
  await must(handle).migrate(must(server.host.addresses[1]), 'migrate')
  arePassed = true
  await waitFor(() => expect(answers).toBeGreaterThan(0))
  await must(handle).migrate(must(server.host.addresses[2]), 'migrate')
  expect(await answer).toBe('HELLO')
})

test('a limited number of messages wait for the connection', async () => {
  hurry()
  await using client = await open('127.0.0.2')
  await using server = await open('127.0.0.1')
  impostor(server, () => {})
  const socket = createSocket({ stack: client }).connect({ service, via: must(server.addresses[0]) })
  const failed = once(socket, 'error')
  await waitFor(() => expect(client.handles.size).toBe(1))
  const results: (string | undefined)[] = []
  for (let sent = 0; sent < 300; sent++)
    socket.send('x', error => results.push((error as NodeJS.ErrnoException | null)?.code))
  await failed.catch(() => {})
  expect(results.indexOf('ENOBUFS')).toBe(256)
})

test('messages without a connection are rejected if the service has a key', async () => {
  await using client = await open('127.0.0.2')
  const socket = createSocket({ stack: client })
  const error = await new Promise(resolve => socket.send('x', { service, via: '127.0.0.1:1' }, resolve))
  expect(error).toMatchObject({ code: 'EUNPROVED', syscall: 'send' })
  socket.close()
})
