/** Scenarios of servers: limits, counts, states, closing with open connections, options of accepted sockets. */
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { type AnyServer, type AnySocket, closed, type Fixture, rejection, tick } from './fixtures.ts'

const count = (server: AnyServer): Promise<number> =>
  new Promise(resolve => server.getConnections((_, connections) => resolve(connections)))

/** Records the events of a server. */
function recordServer(server: AnyServer): string[] {
  const log: string[] = []
  for (const event of ['listening', 'connection', 'drop', 'close']) server.on(event, () => log.push(event))
  server.on('error', error => log.push(`error ${(error as NodeJS.ErrnoException).code}`))
  return log
}

export const serving: Readonly<Record<string, (fixture: Fixture) => Promise<unknown>>> = {
  async 'maxConnections: 0 drops all'(fixture) {
    const server = await fixture.serve(socket => socket.resume())
    const log = recordServer(server)
    server.maxConnections = 0
    const socket = fixture.dial()
    await Promise.all([closed(socket.on('error', () => {}).resume()), once(server as never, 'drop')])
    return [log, await count(server)]
  },

  async 'a slot that is free again'(fixture) {
    const accepted: AnySocket[] = []
    const server = await fixture.serve(socket => accepted.push(socket.resume()))
    server.maxConnections = 1
    const log = recordServer(server)
    for (let round = 0; round < 3; round++) {
      const socket = fixture.dial()
      await once(socket, 'connect')
      while (accepted.length <= round) await tick(1)
      log.push(`${await count(server)}`)
      socket.end()
      await closed(socket.resume())
      await closed(accepted[round] as AnySocket)
    }
    return log
  },

  async 'connections are counted until they close'(fixture) {
    const server = await fixture.serve(socket => socket.resume())
    const counts = [await count(server)]
    const sockets = [1, 2, 3].map(() => fixture.dial().resume())
    while ((await count(server)) < 3) await tick(1)
    for (const socket of sockets) {
      socket.end()
      await closed(socket)
    }
    while ((await count(server)) > 0) await tick(1)
    counts.push(await count(server))
    return [counts, rejection(() => server.getConnections(undefined as never))]
  },

  async 'connections of a closed server go on'(fixture) {
    const server = await fixture.serve(socket => void socket.pipe(socket))
    const log = recordServer(server)
    const socket = fixture.dial()
    await once(socket, 'connect')
    while ((await count(server)) === 0) await tick(1)
    server.close(() => log.push('closed'))
    log.push(`${server.listening}`)
    socket.end('still here')
    log.push(await text(socket))
    await closed(socket)
    while (!log.includes('closed')) await tick(1)
    // Node's server counts a connection as over before that connection reports its end.
    return [...new Set(log)].sort()
  },

  async 'destroying the sockets closes a closing server'(fixture) {
    const accepted: AnySocket[] = []
    const server = await fixture.serve(socket => accepted.push(socket.on('error', () => {})))
    const sockets = [1, 2].map(() => fixture.dial().on('error', () => {}))
    while (accepted.length < 2) await tick(1)
    const done = new Promise(resolve => server.close(error => resolve(error === undefined)))
    for (const socket of accepted) socket.destroy()
    const isFine = await done
    for (const socket of sockets) socket.destroy()
    return [isFine, await count(server)]
  },

  async 'states of a server'(fixture) {
    const server = fixture.create()
    const states: unknown[] = [server.listening, server.address()]
    const log = recordServer(server)
    fixture.relisten(server)
    states.push(server.listening)
    await once(server as never, 'listening')
    states.push(server.listening, typeof server.address())
    server.close()
    states.push(server.listening, server.address())
    await once(server as never, 'close')
    return [states, log]
  },

  async 'closed before it listens'(fixture) {
    const server = fixture.create()
    const log = recordServer(server)
    fixture.relisten(server)
    server.close(() => log.push('closed'))
    await tick()
    return [log, server.listening]
  },

  async 'disposed with an open connection'(fixture) {
    const server = await fixture.serve(socket => socket.resume())
    const socket = fixture.dial().resume()
    await once(socket, 'connect')
    while ((await count(server)) === 0) await tick(1)
    let isDone = false
    const done = server[Symbol.asyncDispose]().then(() => {
      isDone = true
    })
    await tick()
    const wasDone = isDone
    socket.end()
    await done
    return [wasDone, server.listening]
  },

  async 'disposed without having listened, and twice'(fixture) {
    const server = fixture.create()
    await server[Symbol.asyncDispose]()
    const other = await fixture.serve(() => {})
    await other[Symbol.asyncDispose]()
    await other[Symbol.asyncDispose]()
    return [server.listening, other.listening]
  },

  async 'aborted while it listens'(fixture) {
    const logs: unknown[] = []
    for (const isEarly of [true, false]) {
      const server = fixture.create()
      const log = recordServer(server)
      const controller = new AbortController()
      if (isEarly) controller.abort()
      fixture.relisten(server, { signal: controller.signal })
      if (!isEarly) await once(server as never, 'listening')
      controller.abort()
      await tick()
      logs.push([log, server.listening])
    }
    return logs
  },

  async 'accepted sockets know their server'(fixture) {
    const accepted = Promise.withResolvers<AnySocket>()
    const server = await fixture.serve(accepted.resolve)
    const socket = fixture.dial()
    const there = await accepted.promise
    const seen = [Reflect.get(there, 'server') === server, Reflect.get(socket, 'server')]
    seen.push(there.connecting, there.pending, there.readyState, there.timeout)
    socket.destroy()
    await closed(there.resume())
    return seen
  },

  async 'pauseOnConnect reads nothing until resume'(fixture) {
    const accepted = Promise.withResolvers<AnySocket>()
    await fixture.serve(accepted.resolve, { pauseOnConnect: true })
    const socket = fixture.dial()
    socket.write('hello')
    const there = await accepted.promise
    const log: unknown[] = [there.isPaused(), there.readableFlowing]
    there.on('data', piece => log.push(`${piece}`))
    await tick()
    log.push(there.bytesRead, there.isPaused())
    there.resume()
    await once(there, 'data')
    socket.end()
    await closed(there)
    return log
  },

  async 'a connection listener that throws'(fixture) {
    const server = await fixture.serve(() => {})
    const caught = new Promise(resolve => process.once('uncaughtException', resolve))
    server.once('connection', () => {
      throw new Error('in the listener')
    })
    const socket = fixture.dial()
    const error = (await caught) as Error
    const another = fixture.dial()
    await once(another, 'connect')
    for (const one of [socket, another]) one.destroy()
    return [error.message, server.listening]
  },

  async 'listeners are counted as in net'(fixture) {
    const accepted = Promise.withResolvers<AnySocket>()
    await fixture.serve(accepted.resolve)
    const socket = fixture.dial({}, () => {})
    const before = socket.listenerCount('connect')
    await once(socket, 'connect')
    const there = await accepted.promise
    const counts = ['connect', 'close', 'error', 'data', 'timeout'].map(event => [
      event,
      socket.listenerCount(event),
      there.listenerCount(event),
    ])
    socket.destroy()
    await closed(there.resume())
    return [before, counts]
  },
}
