/** Scenarios of writers: corked and early writes, buffers, encodings, wrong chunks, and ways to end. */
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { type AnySocket, closed, type Fixture, record, rejection, tick } from './fixtures.ts'

/** A server that echoes until the client ends. */
const echo = (fixture: Fixture) => fixture.serve(socket => void socket.on('error', () => {}).pipe(socket))

const WRONG_CHUNKS = [null, undefined, 5, {}, [], true, () => {}]

export const writing: Readonly<Record<string, (fixture: Fixture) => Promise<unknown>>> = {
  async 'corked writes leave together, in order'(fixture) {
    const pieces: string[] = []
    await fixture.serve(socket => void socket.on('data', piece => pieces.push(`${piece}`)))
    const socket = fixture.dial()
    await once(socket, 'connect')
    socket.cork()
    const told: string[] = []
    for (const part of ['a', 'b', 'c']) socket.write(part, () => told.push(part))
    const state = [socket.writableCorked, socket.writableLength, socket.bytesWritten]
    socket.uncork()
    socket.end('d')
    await closed(socket.resume())
    return [state, pieces.join(''), told, socket.bytesWritten]
  },

  async 'corked twice, uncorked by end'(fixture) {
    await echo(fixture)
    const socket = fixture.dial()
    socket.cork()
    socket.cork()
    socket.write('hello ')
    socket.uncork()
    const before = [socket.writableCorked, socket.writableLength]
    socket.end('world')
    return [before, socket.writableCorked, await text(socket)]
  },

  async 'corked before it is connected'(fixture) {
    await echo(fixture)
    const socket = fixture.dial()
    const log = record(socket)
    socket.cork()
    socket.write('abc')
    socket.write('def')
    await once(socket, 'connect')
    socket.uncork()
    socket.end()
    await closed(socket)
    return log.filter(line => line !== 'finish')
  },

  async 'encodings of writes'(fixture) {
    await echo(fixture)
    const socket = fixture.dial()
    socket.write('6869', 'hex')
    socket.write('aGk=', 'base64')
    socket.write('é', 'latin1')
    socket.write('é', 'utf16le')
    socket.write(new Uint8Array([1, 2]))
    socket.setDefaultEncoding('hex')
    socket.write('ff')
    socket.setDefaultEncoding('utf8')
    socket.end('', () => {})
    const all: Buffer[] = []
    for await (const piece of socket) all.push(piece)
    return [Buffer.concat(all).toString('hex'), socket.bytesWritten, socket.bytesRead]
  },

  async 'wrong chunks and encodings are rejected'(fixture) {
    await echo(fixture)
    const socket = fixture.dial()
    socket.on('error', () => {})
    const wrong = WRONG_CHUNKS.map(chunk => rejection(() => socket.write(chunk)))
    wrong.push(rejection(() => socket.write('x', 'no encoding' as never)))
    wrong.push(rejection(() => socket.setDefaultEncoding('no encoding' as never)))
    wrong.push(rejection(() => socket.setEncoding('no encoding' as never)))
    const state = [socket.destroyed, socket.writable]
    socket.destroy()
    await closed(socket)
    return [wrong, state]
  },

  async 'empty writes call back, and emit nothing'(fixture) {
    await echo(fixture)
    const socket = fixture.dial()
    const log = record(socket)
    const told: string[] = []
    socket.write('', () => told.push('empty'))
    socket.write(Buffer.alloc(0), () => told.push('no bytes'))
    await tick()
    socket.end(() => told.push('end'))
    await closed(socket)
    return [log, told]
  },

  async 'writes after the end, after destroy and after close fail'(fixture) {
    await echo(fixture)
    const codes: unknown[] = []
    for (const stop of ['end', 'destroy'] as const) {
      const socket = fixture.dial()
      socket.on('error', (error: NodeJS.ErrnoException) => codes.push(`event ${error.code}`))
      await once(socket, 'connect')
      socket[stop]()
      const tell = (at: string) => (error?: NodeJS.ErrnoException | null) =>
        codes.push(`${stop} ${at} ${error?.code}`)
      codes.push(socket.write('x', tell('write')), socket.writable)
      socket.end('y', tell('end'))
      await closed(socket.resume())
      socket.write('z', tell('closed'))
      socket.end(tell('end closed'))
      await tick()
    }
    return codes
  },

  async 'end twice'(fixture) {
    await echo(fixture)
    const socket = fixture.dial()
    const told: unknown[] = []
    socket.end('bye', () => told.push('first'))
    socket.end((error: NodeJS.ErrnoException | undefined) => told.push(error?.code))
    await closed(socket.resume())
    socket.end((error: NodeJS.ErrnoException | undefined) => told.push(error?.code))
    await tick()
    return told
  },

  async 'highWaterMark bounds what a writer queues'(fixture) {
    await fixture.serve(() => {}, { pauseOnConnect: true })
    const seen: unknown[] = []
    for (const highWaterMark of [1, 1000, 65_536]) {
      const socket = fixture.dial({ highWaterMark })
      seen.push([socket.writableHighWaterMark, socket.readableHighWaterMark])
      seen.push(socket.write(Buffer.alloc(999)), socket.writableNeedDrain)
      socket.destroy()
      await closed(socket)
    }
    return seen
  },

  async 'highWaterMark of an accepted socket'(fixture) {
    const accepted = Promise.withResolvers<AnySocket>()
    await fixture.serve(accepted.resolve, { highWaterMark: 1234 })
    const socket = fixture.dial()
    const there = await accepted.promise
    const seen = [there.writableHighWaterMark, there.readableHighWaterMark, there.writableLength]
    socket.destroy()
    await closed(there.resume())
    return seen
  },

  async 'drain follows what filled the buffer before connect'(fixture) {
    await fixture.serve(socket => socket.resume())
    const socket = fixture.dial({ highWaterMark: 100 })
    const log = [socket.write(Buffer.alloc(99)), socket.write(Buffer.alloc(1)), socket.writableNeedDrain]
    await once(socket, 'drain')
    log.push(socket.writableNeedDrain, socket.write('x'))
    socket.end()
    await closed(socket.resume())
    return log
  },

  async 'setEncoding joins characters across pieces'(fixture) {
    const bytes = Buffer.from('a€b€c')
    await fixture.serve(async socket => {
      for (const byte of bytes) {
        socket.write(Uint8Array.of(byte))
        await tick(2)
      }
      socket.end()
    })
    const socket = fixture.dial()
    socket.setEncoding('utf8')
    const pieces: string[] = []
    socket.on('data', piece => pieces.push(piece))
    await closed(socket)
    return [pieces.join(''), pieces.every(piece => typeof piece === 'string'), socket.readableEncoding]
  },

  async 'unshift and read'(fixture) {
    await fixture.serve(socket => void socket.end('0123456789'))
    const socket = fixture.dial()
    await once(socket, 'readable')
    const first = socket.read(4)
    socket.unshift(first)
    const rest: unknown[] = [`${first}`]
    socket.on('readable', () => {
      for (let piece = socket.read(5); piece !== null; piece = socket.read(5)) rest.push(`${piece}`)
    })
    await closed(socket)
    return rest
  },

  async 'destroySoon before it is connected, and with much to write'(fixture) {
    let received = 0
    await fixture.serve(socket => {
      socket.on('error', () => {})
      socket.on('data', piece => {
        received += piece.length
      })
    })
    const logs: unknown[] = []
    for (const bytes of [0, 10, 500_000]) {
      const socket = fixture.dial()
      const log = record(socket)
      if (bytes > 0) socket.write(Buffer.alloc(bytes))
      socket.destroySoon()
      socket.destroySoon()
      await closed(socket)
      logs.push(log)
    }
    while (received < 500_010) await tick()
    return [logs, received]
  },

  async 'a pipeline into a socket that breaks'(fixture) {
    await fixture.serve(socket => socket.once('data', () => socket.resetAndDestroy()))
    const socket = fixture.dial()
    const source = new Readable({ read: () => void setImmediate(() => source.push(Buffer.alloc(10_000))) })
    const error = await pipeline(source, socket).then(
      () => undefined,
      (broken: NodeJS.ErrnoException) => ['ECONNRESET', 'EPIPE'].includes(broken.code ?? ''),
    )
    await closed(socket)
    return [error, source.destroyed, socket.destroyed]
  },

  async 'a pipeline from a source that fails'(fixture) {
    await echo(fixture)
    const socket = fixture.dial()
    const log = record(socket)
    const source = new Readable({ read: () => source.destroy(new Error('the source')) })
    const error = await pipeline(source, socket).catch(broken => broken.message)
    await closed(socket)
    return [error, log]
  },

  async 'piped without ending'(fixture) {
    await echo(fixture)
    const socket = fixture.dial()
    Readable.from(['one', ' two']).pipe(socket, { end: false })
    const all = text(socket)
    await tick()
    socket.end(' three')
    return all
  },

  async 'a write callback that throws away the socket'(fixture) {
    await echo(fixture)
    const socket = fixture.dial()
    const log = record(socket)
    socket.write('x', () => socket.destroy())
    await closed(socket)
    return log.filter(line => !line.startsWith('data'))
  },
}
