/** The same calls on Node's net and on Serval: a program observes the same. */

import { once } from 'node:events'
import { finished, pipeline } from 'node:stream/promises'
import { describe, expect, test } from 'vitest'
import { must } from '../../checker/text/at.ts'
import { calls } from './testing/calls.ts'
import { endings } from './testing/endings.ts'
import {
  type AnySocket,
  closed,
  type Fixture,
  netFixture,
  record,
  recordEnds,
  servalFixture,
  tick,
} from './testing/fixtures.ts'
import { iterations } from './testing/iterations.ts'
import { serving } from './testing/serving.ts'
import { timing } from './testing/timing.ts'
import { writing } from './testing/writing.ts'

const scenarios: Readonly<Record<string, (fixture: Fixture) => Promise<unknown>>> = {
  ...endings,
  ...iterations,
  ...calls,
  ...serving,
  ...timing,
  ...writing,

  async refused(fixture) {
    const socket = fixture.dialNobody()
    const log = record(socket)
    await closed(socket)
    return [log, socket.readyState, socket.connecting, socket.destroyed, socket.pending]
  },

  async 'properties and addresses'(fixture) {
    await fixture.serve(socket => socket.resume())
    const states: unknown[] = []
    const look = (socket: AnySocket) =>
      states.push([socket.connecting, socket.pending, socket.readyState, Object.keys(socket.address())])
    let isSync = true
    const socket = fixture.dial({}, () => {
      states.push(isSync, typeof socket.remotePort, typeof socket.localPort)
      states.push(socket.remoteFamily, socket.remoteAddress?.startsWith('127.0.0.'))
      look(socket)
      socket.end()
      look(socket)
    })
    isSync = false
    look(socket)
    states.push(socket.remoteAddress)
    await closed(socket.resume())
    states.push(socket.readyState, socket.destroyed)
    return states
  },

  async 'bytes are counted'(fixture) {
    const counts: unknown[] = []
    await fixture.serve(socket => socket.pipe(socket))
    const socket = fixture.dial()
    socket.write('123')
    socket.write(Buffer.alloc(1000))
    counts.push(socket.bytesWritten, socket.bytesRead)
    socket.end('é')
    counts.push(socket.bytesWritten)
    await closed(socket.resume())
    counts.push(socket.bytesWritten, socket.bytesRead)
    return counts
  },

  async 'write callbacks run in order, and never synchronously'(fixture) {
    const order: string[] = []
    await fixture.serve(socket => socket.resume())
    const socket = fixture.dial()
    for (const name of ['one', 'two', 'three']) socket.write(name, () => order.push(name))
    order.push('written')
    socket.end('four', () => order.push('four'))
    socket.on('finish', () => order.push('finish'))
    await closed(socket.resume())
    return order
  },

  async 'a paused reader stops the writer'(fixture) {
    const reader = Promise.withResolvers<AnySocket>()
    await fixture.serve(reader.resolve, { pauseOnConnect: true })
    const socket = fixture.dial()
    const slow = await reader.promise
    const chunk = Buffer.alloc(65_536)
    let sent = 0
    let hasRoom = true
    socket.on('drain', () => {
      hasRoom = true
    })
    // Until nothing moves any more: the remaining bytes stay in the socket.
    for (let rounds = 0; rounds < 3; rounds++) {
      for (; hasRoom; rounds = 0) {
        sent += chunk.length
        hasRoom = socket.write(chunk)
      }
      await tick()
    }
    const wasHeldUp = socket.writableLength > 0 && sent < 64 * 1024 * 1024
    let received = 0
    slow.on('data', (bytes: Buffer) => {
      received += bytes.length
    })
    const drained = once(socket, 'drain')
    slow.resume()
    await drained
    socket.end()
    await closed(slow)
    return [wasHeldUp, received === sent]
  },

  async 'a paused socket emits neither data nor end'(fixture) {
    const reader = Promise.withResolvers<AnySocket>()
    await fixture.serve(reader.resolve, { pauseOnConnect: true })
    fixture.dial().end('hello')
    const slow = await reader.promise
    const log = recordEnds(slow)
    await tick()
    const before = [...log]
    slow.resume()
    await closed(slow)
    return [before, log]
  },

  async 'a closing server waits for its connections'(fixture) {
    const log: string[] = []
    const accepted = Promise.withResolvers<AnySocket>()
    const server = await fixture.serve(socket => {
      socket.on('close', () => log.push('socket closed'))
      accepted.resolve(socket)
    })
    server.on('close', () => log.push('server closed'))
    const socket = fixture.dial()
    await accepted.promise
    const count = await new Promise(resolve => server.getConnections((_, n) => resolve(n)))
    const done = new Promise<void>(resolve => server.close(() => resolve()))
    log.push(`${server.listening} ${server.address()} ${count}`)
    await tick()
    log.push('still open')
    ;(await accepted.promise).resume()
    socket.end()
    await Promise.all([done, closed(socket.resume()), closed(await accepted.promise)])
    // Node's server reports its own close twice, and before its socket's.
    return [log.slice(0, 2), [...new Set(log.slice(2))].sort()]
  },

  async 'closing a server that never listened is an error'(fixture) {
    const server = await fixture.serve(() => {})
    server.close()
    const error = await new Promise<Error | undefined>(resolve => server.close(resolve))
    return error !== undefined
  },

  async 'closing a server twice is an error'(fixture) {
    const server = await fixture.serve(socket => socket.resume())
    const socket = fixture.dial()
    await once(socket, 'connect')
    await tick()
    const told = [1, 2].map(() => new Promise<boolean>(resolve => server.close(error => resolve(!error))))
    socket.end()
    await closed(socket.resume())
    return Promise.all(told)
  },

  async 'a connection above maxConnections'(fixture) {
    const server = await fixture.serve(socket => socket.resume())
    server.maxConnections = 1
    const dropped = new Promise<object>(resolve => server.on('drop', resolve))
    const first = fixture.dial()
    await once(first, 'connect')
    const second = fixture.dial()
    const log = record(second)
    await Promise.all([dropped, closed(second)])
    return [log, Object.keys(await dropped).sort()]
  },

  async 'pipelines and async iteration'(fixture) {
    await fixture.serve(socket => void pipeline(socket, socket).catch(() => {}))
    const socket = fixture.dial()
    socket.setEncoding('utf8')
    socket.end('a line\nand another')
    let text = ''
    for await (const piece of socket) text += piece
    await finished(socket, { readable: false })
    return text
  },

  async 'aborted before it is connected'(fixture) {
    await fixture.serve(() => {})
    const controller = new AbortController()
    const socket = fixture.dial({ signal: controller.signal })
    const log = record(socket)
    controller.abort()
    await closed(socket)
    return log
  },

  async 'destroyed before it is connected'(fixture) {
    await fixture.serve(() => {})
    const socket = fixture.dial()
    const log = record(socket)
    socket.write('never')
    socket.destroy()
    await closed(socket)
    return [log, socket.readyState]
  },

  async 'pending writes fail when the socket is destroyed'(fixture) {
    await fixture.serve(() => {}, { pauseOnConnect: true })
    const told: boolean[] = []
    const tell = (error?: Error | null) => told.push(error === null || error === undefined)
    for (const isThere of [false, true]) {
      const socket = fixture.dial()
      if (isThere) await once(socket, 'connect')
      socket.write(Buffer.alloc(16 * 1024 * 1024), tell)
      socket.end('and more', tell)
      socket.destroy()
      told.push(false)
      await closed(socket)
      await tick()
    }
    return told
  },

  async 'written to after the peer has ended'(fixture) {
    await fixture.serve(socket => socket.end())
    const socket = fixture.dial()
    await once(socket.resume(), 'end')
    await tick()
    const log = record(socket)
    const error = await new Promise<NodeJS.ErrnoException | null | undefined>(resolve =>
      socket.write('x', resolve),
    )
    return [error !== null && error !== undefined, log.filter(line => line.startsWith('data'))]
  },

  async 'settings chain, and may precede the connection'(fixture) {
    await fixture.serve(socket => socket.resume())
    const socket = fixture.dial({ timeout: 5000 })
    const same = [socket.setNoDelay(), socket.setKeepAlive(true, 1000), socket.unref(), socket.ref()]
    const before = socket.timeout
    socket.setTimeout(0)
    socket.end()
    await closed(socket.resume())
    return [same.every(one => one === socket), before, socket.timeout]
  },
}

describe('behaves like net', () => {
  test.each(Object.keys(scenarios))('%s', async name => {
    const seen: unknown[] = []
    for (const make of [netFixture, servalFixture]) {
      await using fixture = await make()
      seen.push(await must(scenarios[name])(fixture))
    }
    expect(seen[1]).toEqual(seen[0])
  })
})
