/** Scenarios of time: timeouts, aborts, pauses and ends at unusual moments. */
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { type AnySocket, closed, type Fixture, record, recordEnds, tick } from './fixtures.ts'

const wait = (waitMs: number): Promise<void> => new Promise(resolve => setTimeout(resolve, waitMs))

/** Both ends of an open connection. */
async function pair(fixture: Fixture, client = {}, server = {}): Promise<[AnySocket, AnySocket]> {
  const accepted = Promise.withResolvers<AnySocket>()
  await fixture.serve(socket => accepted.resolve(socket), server)
  const socket = fixture.dial(client)
  await once(socket, 'connect')
  return [socket, await accepted.promise]
}

export const timing: Readonly<Record<string, (fixture: Fixture) => Promise<unknown>>> = {
  async 'a timeout set and unset'(fixture) {
    const [socket, there] = await pair(fixture)
    const log: string[] = []
    const hear = () => log.push('timeout')
    socket.setTimeout(10, hear)
    socket.setTimeout(0, hear)
    await wait(40)
    log.push(`${socket.timeout} ${socket.listenerCount('timeout')}`)
    socket.setTimeout(10, hear)
    await once(socket, 'timeout')
    log.push(`${socket.listenerCount('timeout')} ${socket.destroyed}`)
    socket.destroy()
    socket.setTimeout(5, hear)
    log.push(`${socket.timeout}`)
    await closed(there.resume().on('error', () => {}))
    return log
  },

  async 'a timeout comes once until something happens'(fixture) {
    const [socket, there] = await pair(fixture)
    let times = 0
    socket.setTimeout(10).on('timeout', () => times++)
    await wait(50)
    const counts = [times]
    socket.write('x')
    await wait(50)
    counts.push(times)
    there.write('y')
    await once(socket, 'data')
    await wait(50)
    counts.push(times)
    socket.destroy()
    await wait(30)
    await closed(there.resume().on('error', () => {}))
    return [counts, times]
  },

  async 'a timeout before connect'(fixture) {
    await fixture.serve(socket => void socket.on('error', () => {}).resume())
    const socket = fixture.dial({ timeout: 100_000 })
    const seen = [socket.timeout]
    socket.setTimeout(50_000)
    seen.push(socket.timeout)
    socket.destroy()
    await closed(socket.on('error', () => {}))
    return seen
  },

  async 'paused before it is connected'(fixture) {
    await fixture.serve(socket => void socket.end('hello'))
    const socket = fixture.dial()
    const log = recordEnds(socket)
    socket.pause()
    await once(socket, 'connect')
    await tick()
    log.push(`${socket.isPaused()} ${socket.readableFlowing} ${socket.readableLength > 0}`)
    log.push(await text(socket))
    await closed(socket)
    return log.filter(line => line !== 'finish')
  },

  async 'paused and resumed at each piece'(fixture) {
    await fixture.serve(async socket => {
      for (let i = 0; i < 10; i++) {
        socket.write(`${i}`)
        await tick(1)
      }
      socket.end()
    })
    const socket = fixture.dial()
    let all = ''
    socket.on('data', piece => {
      all += piece
      socket.pause()
      setTimeout(() => socket.resume(), 1)
    })
    await closed(socket)
    return all
  },

  async 'aborted at once, late, and after the end'(fixture) {
    await fixture.serve(socket => void socket.on('error', () => {}).resume())
    const logs: unknown[] = []
    const early = new AbortController()
    early.abort(new Error('the reason'))
    const socket = fixture.dial({ signal: early.signal })
    const log = record(socket)
    await closed(socket)
    logs.push(log[0], (socket.errored as Error | null)?.name)
    const late = new AbortController()
    const other = fixture.dial({ signal: late.signal })
    const otherLog = record(other)
    other.end()
    await closed(other)
    late.abort()
    await tick()
    logs.push(otherLog)
    return logs
  },

  async 'destroyed twice, with and without an error'(fixture) {
    const logs: unknown[] = []
    for (const [first, second] of [
      [undefined, new Error('second')],
      [new Error('first'), undefined],
      [new Error('first'), new Error('second')],
    ]) {
      const [socket, there] = await pair(fixture)
      const seen = recordEnds(socket)
      const errors: string[] = []
      socket.on('error', error => errors.push(error.message))
      socket.destroy(first)
      socket.destroy(second)
      await closed(socket)
      await closed(there.on('error', () => {}).resume())
      logs.push([seen, errors, (socket.errored as Error | null)?.message])
    }
    return logs
  },

  async 'destroyed in each of its events'(fixture) {
    const logs: unknown[] = []
    for (const event of ['connect', 'ready', 'data', 'end']) {
      await fixture.serve(socket => void socket.on('error', () => {}).end('hello'))
      const socket = fixture.dial()
      const log = record(socket)
      socket.on(event, () => socket.destroy())
      await closed(socket)
      logs.push([event, log.filter(line => line !== 'finish')])
    }
    return logs
  },

  async 'a half-open client that never ends'(fixture) {
    const [socket, there] = await pair(fixture, { allowHalfOpen: true })
    there.end('bye')
    socket.resume()
    await once(socket, 'end')
    await tick()
    const state = [socket.readyState, socket.writable, socket.readable, socket.destroyed, socket.closed]
    socket.write('still')
    const heard = once(there, 'data')
    state.push(`${(await heard)[0]}`)
    socket.end()
    await closed(socket)
    return state
  },

  async 'a half-open server answers after the end'(fixture) {
    const [socket, there] = await pair(fixture, {}, { allowHalfOpen: true })
    const log = recordEnds(there.resume())
    socket.end()
    await once(there, 'end')
    await tick()
    log.push(there.readyState)
    there.end('answer')
    const all = await text(socket)
    await closed(there)
    return [all, log.filter(line => line !== 'finish')]
  },

  async 'allowHalfOpen changed while open'(fixture) {
    const [socket, there] = await pair(fixture)
    socket.allowHalfOpen = true
    there.end()
    await once(socket.resume(), 'end')
    await tick()
    const state = [socket.writable, socket.readyState]
    socket.end('x')
    await closed(socket)
    return state
  },

  async 'an end that nobody reads'(fixture) {
    const [socket, there] = await pair(fixture)
    const log = recordEnds(socket)
    there.end()
    await tick()
    log.push(socket.readyState)
    socket.resume()
    await closed(socket)
    return log.filter(line => line !== 'finish')
  },

  async 'reset while it is read'(fixture) {
    const [socket, there] = await pair(fixture)
    const log = record(socket)
    there.write('x')
    await once(socket, 'data')
    there.resetAndDestroy()
    await closed(socket)
    return [log, (socket.errored as NodeJS.ErrnoException | null)?.code, socket.readableAborted]
  },

  async 'reset before it is connected'(fixture) {
    await fixture.serve(socket => void socket.on('error', () => {}).resume())
    const socket = fixture.dial()
    const log = record(socket)
    socket.resetAndDestroy()
    await closed(socket)
    return log
  },

  async 'handlers that throw do not break the connection'(fixture) {
    const [socket, there] = await pair(fixture)
    const caught = new Promise<Error>(resolve => process.once('uncaughtException', resolve))
    socket.once('data', () => {
      throw new Error('in a handler')
    })
    there.write('first')
    const { message } = await caught
    const next = once(socket, 'data')
    there.write('second')
    const [piece] = await next
    socket.destroy()
    await closed(there.on('error', () => {}).resume())
    return [message, `${piece}`]
  },

  async 'a socket of two passes states in order'(fixture) {
    await fixture.serve(socket => void socket.resume())
    const states: string[] = []
    const socket = fixture.dial()
    const note = (at: string) =>
      states.push(`${at} ${socket.readyState} ${socket.pending} ${socket.connecting} ${socket.destroyed}`)
    note('start')
    for (const event of ['connect', 'ready', 'end', 'close']) socket.on(event, () => note(event))
    await once(socket, 'connect')
    socket.end()
    note('ended')
    await closed(socket.resume())
    return states
  },
}
