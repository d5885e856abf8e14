/** Calls that few programs make: wrong arguments, closed sockets and servers used again, rare options. */
import { EventEmitter, once } from 'node:events'
import { text } from 'node:stream/consumers'
import { type AnySocket, closed, type Fixture, record, rejection } from './fixtures.ts'

const WRONG_TIMES = [-1, Number.NaN, Infinity, '5', true, null, undefined, {}]
const WRONG_CALLBACKS = [1, 'text', null, {}]

export const calls: Readonly<Record<string, (fixture: Fixture) => Promise<unknown>>> = {
  async 'setTimeout rejects wrong times and callbacks'(fixture) {
    await fixture.serve(socket => socket.resume())
    const socket = fixture.dial()
    const set = socket.setTimeout.bind(socket) as (...args: unknown[]) => unknown
    const rejected = [
      ...WRONG_TIMES.map(time => rejection(() => set(time))),
      ...WRONG_CALLBACKS.map(callback => rejection(() => set(1000, callback))),
      ...[0, 0.5, 2 ** 31].map(time => rejection(() => set(time))),
    ]
    socket.end()
    await closed(socket.resume())
    return [rejected, set(1) === socket, socket.timeout]
  },

  async 'createServer rejects what are no options'(fixture) {
    return [1, 'path', true].map(options => rejection(() => fixture.create(options)))
  },

  async 'a closed socket connects again'(fixture) {
    await fixture.serve(socket => {
      socket.resume()
      socket.end('hello')
    })
    const log: unknown[] = []
    const socket = fixture.dial()
    socket.setEncoding('utf8').on('data', piece => log.push(piece))
    for (const event of ['connect', 'end']) socket.on(event, () => log.push(event))
    for (let round = 0; round < 3; round++) {
      if (round > 0) fixture.redial(socket)
      socket.end('12345')
      const [hadError] = await once(socket, 'close')
      log.push(hadError, socket.bytesRead, socket.bytesWritten, socket.destroyed)
    }
    return log
  },

  async 'a refused socket connects again'(fixture) {
    const socket = fixture.dialNobody()
    const log = record(socket)
    await closed(socket)
    await fixture.serve(accepted => void accepted.resume().end())
    fixture.redial(socket)
    socket.end()
    await once(socket, 'close')
    return log
  },

  async 'a server listens again'(fixture) {
    const server = await fixture.serve(socket => void socket.resume().end())
    const twice = rejection(() => fixture.relisten(server))
    server.close()
    fixture.relisten(server)
    await new Promise<void>(resolve => server.once('listening', resolve))
    const socket = fixture.dial()
    const log = record(socket)
    socket.end()
    await closed(socket)
    return [twice, server.listening, log]
  },

  async 'closing a server that does not listen'(fixture) {
    const server = fixture.create()
    const error = await new Promise<Error | undefined>(resolve => server.close(resolve))
    return [(error as NodeJS.ErrnoException).code, rejection(() => server.close('no function' as never))]
  },

  async 'onread gets the bytes in its own memory, and pauses'(fixture) {
    await fixture.serve(socket => void socket.end('0123456789'))
    const buffer = Buffer.alloc(4)
    const pieces: string[] = []
    const paused = Promise.withResolvers<void>()
    const socket = fixture.dial({
      onread: {
        buffer,
        callback(bytes, into) {
          pieces.push(`${Buffer.from(into).toString('utf8', 0, bytes)} ${into === buffer}`)
          if (pieces.length !== 2) return true
          paused.resolve()
          return false
        },
      },
    })
    socket.on('data', () => pieces.push('data'))
    await paused.promise
    await new Promise(resolve => setTimeout(resolve, 50))
    pieces.push('resumed')
    socket.resume()
    await closed(socket)
    return [pieces, socket.bytesRead]
  },

  async 'onread without room is an error'(fixture) {
    await fixture.serve(socket => void socket.end('hello'))
    const socket = fixture.dial({ onread: { buffer: Buffer.alloc(0), callback: () => true } })
    const log: unknown[] = []
    socket.on('error', (error: NodeJS.ErrnoException) => log.push(error.code))
    await closed(socket)
    return log
  },

  async 'onread: null reads as usual'(fixture) {
    await fixture.serve(socket => void socket.end('hello'))
    const socket = fixture.dial({ onread: null })
    const all = await text(socket)
    await closed(socket)
    return all
  },

  async 'onread forgets the bytes of the connection before, and its pause'(fixture) {
    let greeting = 'an old greeting'
    await fixture.serve(socket => void socket.on('error', () => {}).end(greeting))
    const pieces: string[] = []
    const paused = Promise.withResolvers<void>()
    const socket = fixture.dial({
      onread: {
        buffer: Buffer.alloc(6),
        callback(bytes, buffer) {
          pieces.push(Buffer.from(buffer).toString('utf8', 0, bytes))
          paused.resolve()
          return pieces.length !== 1
        },
      },
    })
    await paused.promise
    socket.destroy()
    await closed(socket)
    greeting = 'new'
    fixture.redial(socket)
    await once(socket, 'close')
    return [pieces, socket.bytesRead]
  },

  async 'onread asks for each buffer once, the first before any bytes'(fixture) {
    const sent = Promise.withResolvers<AnySocket>()
    await fixture.serve(sent.resolve)
    const given: unknown[] = [Buffer.alloc(2), undefined, Buffer.alloc(4), Buffer.alloc(2)]
    const log: unknown[] = []
    const socket = fixture.dial({
      onread: {
        buffer: () => {
          log.push('asked')
          return given.shift() as Buffer
        },
        callback: (bytes, buffer) => log.push(`${bytes} of ${buffer.length}`),
      },
    })
    await once(socket, 'connect')
    log.push('connected')
    const there = await sent.promise
    there.end('01234567')
    await closed(socket)
    return log
  },

  async 'onread stops when its callback destroys the socket'(fixture) {
    await fixture.serve(socket => void socket.on('error', () => {}).end('0123456789'))
    const pieces: number[] = []
    const socket: AnySocket = fixture.dial({
      onread: {
        buffer: Buffer.alloc(4),
        callback(bytes) {
          pieces.push(bytes, socket.bytesRead)
          socket.destroy()
          return true
        },
      },
    })
    await closed(socket)
    return pieces
  },

  async 'maxConnections: null is no limit'(fixture) {
    const server = await fixture.serve(socket => void socket.resume().end())
    server.maxConnections = null as never
    const socket = fixture.dial()
    const log = record(socket)
    socket.end()
    await closed(socket)
    return log.includes('end')
  },

  async 'a listen with a wrong signal can be repeated'(fixture) {
    const server = await fixture.serve(socket => void socket.resume().end())
    server.close()
    const wrong = rejection(() => fixture.relisten(server, { signal: {} }))
    fixture.relisten(server)
    await new Promise<void>(resolve => server.once('listening', resolve))
    return [wrong, server.listening]
  },

  async 'writable: false'(fixture) {
    await fixture.serve(socket => void socket.end('hello'))
    const socket = fixture.dial({ writable: false })
    const state = [socket.writable, socket.readable]
    const all = await text(socket)
    await closed(socket)
    return [state, all]
  },

  async 'an asynchronous handler rejects under captureRejections'(fixture) {
    EventEmitter.captureRejections = true
    const errors: unknown[] = []
    const fail = async (socket: AnySocket): Promise<void> => {
      socket.on('error', error => errors.push(error.message))
      throw new Error('in the handler')
    }
    const server = await fixture.serve(fail as (socket: AnySocket) => void)
    server.on('error', () => errors.push('server'))
    const socket = fixture.dial()
    socket.on('error', () => {})
    await closed(socket.resume())
    EventEmitter.captureRejections = false
    return errors
  },

  async 'addresses after close'(fixture) {
    await fixture.serve(socket => void socket.resume().end())
    const socket = fixture.dial()
    await once(socket, 'connect')
    socket.end()
    await closed(socket.resume())
    return [socket.address(), socket.localAddress, socket.localPort]
  },

  async 'resetting a socket that never connected'(fixture) {
    const server = await fixture.serve(() => {})
    const socket = fixture.dial()
    socket.destroy()
    await closed(socket)
    const log: unknown[] = []
    socket.on('error', (error: NodeJS.ErrnoException) => log.push(error.code))
    socket.resetAndDestroy()
    server.close()
    return log
  },
}
