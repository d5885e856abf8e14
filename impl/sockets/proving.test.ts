/** Streams to services with a key, over UDP: a client connects to holders of the key only. */

import type { KeyObject } from 'node:crypto'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { afterEach, expect, test, vi } from 'vitest'
import { at } from '../../checker/text/at.ts'
import type { Flow } from '../host/flows/flow.ts'
import { type Answered, PROOF_BYTES, prove } from '../host/services/proof.ts'
import { serviceIdOf } from '../host/services/serviceId.ts'
import { parseAddress } from '../link/address.ts'
import type { Stream } from '../transport/stream/stream.ts'
import { PROOF_LIMIT_MS } from './challenge.ts'
import { type ConnectOptions, connect, createServer, type Socket, Stack } from './index.ts'
import { answered, impostor as imposes, key, linkAt, open, other, service } from './testing/keyed.ts'
import { newStream } from './transports.ts'

afterEach(() => void vi.restoreAllMocks())

const impostor = (stack: Stack, act: (stream: Stream, flow: Flow) => void): void =>
  imposes(stack, () => newStream(stack.random, stack.packetBytes, true), act)

/** Resolves to all bytes, or to the error's code. */
async function ask(stack: Stack, via: string, more: Partial<ConnectOptions> = {}): Promise<string> {
  const socket = connect({ service, via, stack, ...more })
  socket.end('hello')
  try {
    return await text(socket)
  } catch (error) {
    return (error as { code: string }).code
  }
}

test('a client connects to a holder of the key, whichever end speaks first, and no byte is lost or added', async () => {
  await using server = await open('127.0.0.1', [other, key])
  await using client = await open('127.0.0.2')
  const counted: number[][] = []
  const listening = createServer({ stack: server, allowHalfOpen: true }, async (socket: Socket) => {
    socket.write('welcome ')
    const said = await text(socket)
    socket.end(said)
    counted.push([socket.bytesRead, socket.bytesWritten])
  }).listen(service)
  await once(listening, 'listening')
  expect(await ask(client, at(server.addresses, 0))).toBe('welcome hello')
  expect(counted).toEqual([[5, 13]])
})

test('a client does not connect to an impostor, whatever it sends', async () => {
  await using client = await open('127.0.0.2')
  const proofs: Uint8Array[] = []
  const proofOf = (flow: Flow, by: KeyObject, change: Partial<Answered> = {}): Uint8Array =>
    prove({ ...answered(flow), ...change }, flow.local, by)
  const acts: Record<string, (stream: Stream, flow: Flow) => void> = {
    'application bytes at once': stream => void stream.write(Buffer.alloc(5000, 'x')),
    'an end at once': stream => stream.finish(0),
    'half a proof, and the end': (stream, flow) => {
      stream.write(proofOf(flow, key).subarray(0, PROOF_BYTES / 2))
      stream.finish(0)
    },
    'a proof by another key': (stream, flow) => void stream.write(proofOf(flow, other)),
    'a proof for another service': (stream, flow) =>
      void stream.write(proofOf(flow, key, { service: serviceIdOf('acme/other') })),
    'a proof that was made for another flow': (stream, flow) => {
      proofs.push(proofOf(flow, key))
      stream.write(at(proofs, 0))
      stream.finish(0)
    },
    'a proof by the key for another address': (stream, flow) =>
      void stream.write(prove(answered(flow), parseAddress('127.0.0.77:54325'), key)),
    'a later version of proofs': (stream, flow) => {
      const proof = proofOf(flow, key)
      proof[4] = at(proof, 4) + 1
      stream.write(proof)
    },
  }
  for (const [what, act] of Object.entries(acts)) {
    await using server = await open('127.0.0.1')
    impostor(server, act)
    const via = at(server.addresses, 0)
    // For the flow that it was made for, the proof is valid; the next connection is another flow.
    if (what.includes('made for another flow')) expect(await ask(client, via)).toBe('')
    const codes = await Promise.all([ask(client, via), ask(client, via)])
    expect([what, ...codes]).toEqual([what, 'EUNPROVED', 'EUNPROVED'])
  }
})

test('a client gives up on a silent impostor in time', async () => {
  await using server = await open('127.0.0.1')
  await using client = await open('127.0.0.2')
  const timers = vi.spyOn(globalThis, 'setTimeout')
  impostor(server, () => {})
  const asked = ask(client, at(server.addresses, 0))
  const proofTimer = (): unknown[] | undefined => timers.mock.calls.find(([, ms]) => ms === PROOF_LIMIT_MS)
  await vi.waitFor(() => expect(proofTimer()).toBeDefined())
  const [giveUp] = proofTimer() as [() => void]
  giveUp()
  expect(await asked).toBe('EUNPROVED')
})

test('a relay between a client and the holder of the key is not accepted as a holder', async () => {
  await using server = await open('127.0.0.1', [key])
  await using client = await open('127.0.0.2')
  await using middle = await open('127.0.0.3')
  const listening = createServer({ stack: server }, socket => socket.end('secret')).listen(service)
  await once(listening, 'listening')
  impostor(middle, stream => {
    // Reads the first bytes of the instance: its proof for the relay.
    const { host, driver, random, packetBytes } = middle
    const inner = newStream(random, packetBytes, true)
    const asked = {
      service: serviceIdOf(service),
      transport: inner,
      via: parseAddress(at(server.addresses, 0)),
    }
    host.connect({ ...asked, from: at(host.addresses, 0) }, driver.now())
    inner.user = {
      onReadable: () => {
        for (let bytes = inner.read(); bytes !== undefined; bytes = inner.read()) stream.write(bytes)
        driver.kick()
      },
    }
  })
  expect(await ask(client, at(middle.addresses, 0))).toBe('EUNPROVED')
  expect(await ask(client, at(server.addresses, 0))).toBe('secret')
})

test('a server without the key serves nobody under that name, and reports it', async () => {
  await using server = await open('127.0.0.1', [other])
  await using client = await open('127.0.0.2')
  let served = 0
  const listening = createServer({ stack: server }, () => served++).listen(service)
  await once(listening, 'listening')
  const dropped = once(listening, 'drop')
  expect(await ask(client, at(server.addresses, 0))).toBe('EUNPROVED')
  expect((await dropped)[0]).toMatchObject({ localAddress: '127.0.0.1', remoteAddress: '127.0.0.2' })
  expect(served).toBe(0)
})

test('the proof survives loss, and a move of the instance before it has arrived', async () => {
  let lost = 0
  const link = await linkAt('127.0.0.2', one =>
    Buffer.from(one.bytes).includes('236b657901000000', 0, 'hex') && ++lost <= 2 ? [] : [one],
  )
  await using client = await open('127.0.0.2', [], link)
  await using server = await new Stack({ addresses: ['127.0.0.1:0', '127.0.0.3:0'], keys: [key] }).opened()
  const moves: Promise<void>[] = []
  const listening = createServer({ stack: server }, socket => {
    moves.push(socket.migrate('127.0.0.3'))
    socket.end('hello')
  }).listen(service)
  await once(listening, 'listening')
  expect(await ask(client, at(server.addresses, 0))).toBe('hello')
  await Promise.all(moves)
  expect(lost).toBeGreaterThan(2)
})
