/** Scenarios of connections and their endings, as both ends see them. */
import { type AnySocket, closed, type Fixture, type Options, record } from './fixtures.ts'

/** Opens a connection and records what both ends see; `act` and `serve` use one end each. */
async function pair(
  fixture: Fixture,
  serve: (socket: AnySocket) => void,
  act: (socket: AnySocket) => void,
  options: { readonly client?: Options; readonly server?: Options } = {},
) {
  const accepted = Promise.withResolvers<AnySocket>()
  let serverLog: string[] = []
  await fixture.serve(socket => {
    serverLog = record(socket)
    serve(socket)
    accepted.resolve(socket)
  }, options.server)
  const client = fixture.dial(options.client)
  const clientLog = record(client)
  act(client)
  const server = await accepted.promise
  await Promise.all([closed(client), closed(server)])
  return { client: finishFirst(clientLog), server: finishFirst(serverLog) }
}

/**
 * Moves `finish` to the front. Here it follows the peer's acknowledgment, so bytes of the other direction may precede it;
 * in `net` it follows the system's acceptance.
 */
const finishFirst = (log: readonly string[]): string[] => [
  ...log.filter(line => line === 'finish'),
  ...log.filter(line => line !== 'finish'),
]

export const endings: Readonly<Record<string, (fixture: Fixture) => Promise<unknown>>> = {
  'an echo': fixture =>
    pair(
      fixture,
      socket => socket.pipe(socket),
      socket => socket.end('hello'),
    ),

  async 'much, both ways'(fixture) {
    const { client, server } = await pair(
      fixture,
      socket => socket.end(Buffer.alloc(300_000)),
      socket => socket.end(Buffer.alloc(400_000)),
    )
    return [sum(client), sum(server)]
  },

  'the server speaks and ends': fixture =>
    pair(
      fixture,
      socket => socket.end('welcome'),
      () => {},
    ),

  'one half closed, the other goes on': fixture =>
    pair(
      fixture,
      socket => socket.on('end', () => setImmediate(() => socket.end('after the end'))),
      socket => socket.end('before'),
      { server: { allowHalfOpen: true } },
    ),

  'a client that stays half open': fixture =>
    pair(
      fixture,
      socket => socket.end('bye'),
      socket => socket.on('end', () => setImmediate(() => socket.end('later'))),
      { client: { allowHalfOpen: true } },
    ),

  'destroyed by the client': fixture =>
    pair(
      fixture,
      () => {},
      socket => socket.on('connect', () => socket.destroy()),
    ),

  'written, then destroyed': fixture =>
    pair(
      fixture,
      () => {},
      socket => socket.write('last words', () => socket.destroy()),
    ),

  'destroyed with an error of its own': fixture =>
    pair(
      fixture,
      socket => socket.on('data', () => socket.destroy(new Error('mine'))),
      socket => socket.write('x'),
    ),

  'destroyed soon': fixture =>
    pair(
      fixture,
      socket => socket.resume(),
      socket => {
        socket.write('hello')
        socket.destroySoon()
      },
    ),

  'reset by the client': fixture =>
    pair(
      fixture,
      () => {},
      socket => socket.on('connect', () => socket.resetAndDestroy()),
    ),

  'reset by the server': fixture =>
    pair(
      fixture,
      socket => socket.on('data', () => socket.resetAndDestroy()),
      socket => socket.write('x'),
    ),

  'written to after its end': fixture =>
    pair(
      fixture,
      socket => socket.resume(),
      socket => {
        socket.on('connect', () => {
          socket.end()
          socket.write('too late')
        })
      },
    ),

  async 'an idle connection emits timeout'(fixture) {
    const { client, server } = await pair(
      fixture,
      () => {},
      socket => socket.setTimeout(20).on('timeout', () => !socket.connecting && socket.setTimeout(0).end()),
    )
    // On a busy machine the handshake takes longer, and the time also runs out before.
    return [client.slice(client.indexOf('connect')), server]
  },

  'aborted while it is open': fixture => {
    const controller = new AbortController()
    return pair(
      fixture,
      () => {},
      socket => socket.on('connect', () => controller.abort()),
      { client: { signal: controller.signal } },
    )
  },
}

/** Summarizes a log without the order between directions, which is undefined. */
const sum = (log: readonly string[]): string[] => [
  ...log.filter(line => !line.startsWith('data ') && line !== 'finish'),
  `${log.reduce((all, line) => all + Number(/^data (\d+)/.exec(line)?.[1] ?? 0), 0)} bytes`,
]
