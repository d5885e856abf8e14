import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { connect, createServer, createSocket, Stack } from './index.ts'

/** Two stacks on loopback, whose network carries IP packets of `mtu` bytes; undefined: as many as without the option. */
async function pair(mtu: number | undefined): Promise<{ client: Stack; server: Stack; via: string }> {
  const [client, server] = ['127.0.0.1:0', '127.0.0.2:0'].map(
    one => new Stack({ addresses: [one], ...(mtu !== undefined && { mtu }) }),
  )
  await Promise.all([client?.opened(), server?.opened()])
  return { client: client as Stack, server: server as Stack, via: server?.addresses[0] ?? '' }
}

describe('mtu', () => {
  test.each([
    [1280, 1188],
    [1500, 1408],
    [9000, 8908],
    [undefined, 16_292],
  ])('%o: a stream reaches segments of %i bytes, and reports the MTU of its path', async (mtu, segmentBytes) => {
    const { client, server, via } = await pair(mtu)
    const received = Promise.withResolvers<number>()
    createServer({ stack: server }, socket => {
      let count = 0
      socket.on('data', bytes => {
        count += bytes.length
      })
      socket.on('end', () => received.resolve(count))
    }).listen('acme/sink')
    const socket = connect({ service: 'acme/sink', via, stack: client })
    await once(socket, 'connect')
    let sent = 0
    // On a busy machine answers to probes come late.
    while (sent < 500_000 || socket.statistics?.segmentBytes !== segmentBytes) {
      sent += 100_000
      if (!socket.write(Buffer.alloc(100_000))) await once(socket, 'drain')
    }
    expect(socket.statistics?.segmentBytes).toBe(segmentBytes)
    expect(socket.flows).toMatchObject([{ mtu: mtu ?? 16_384 }])
    socket.end()
    expect(await received.promise).toBe(sent)
    await Promise.all([client.close(), server.close()])
  })

  test('a message without a connection leaves room for what routers add', async () => {
    const { client, server, via } = await pair(1280)
    const socket = createSocket({ stack: client }).bind('acme/asker')
    await once(socket, 'listening')
    const send = (length: number): Promise<Error | null> =>
      new Promise(resolve => socket.send(new Uint8Array(length), { service: 'acme/x', via }, resolve))
    expect(await send(1280 - 48 - 156)).toBeFalsy()
    expect(await send(1280 - 48 - 155)).toMatchObject({ code: 'EMSGSIZE' })
    await Promise.all([client.close(), server.close()])
  })

  test.each([1279, 65_536, 1500.5, Number.NaN])('%d is refused', mtu => {
    expect(() => new Stack({ mtu })).toThrow(`EINVAL: mtu is ${mtu}; give a whole number from 1280 to 65535`)
  })
})
