/**
 * Finds out who serves a service without connecting: sends the first packet of a connection and refuses the answer,
 * like a client that has changed its mind. The server frees its slot before its application hears of the attempt.
 */
import { RST, SYNACK } from '../../spec/machines/flow/packets.ts'
import { decodeFrame, newFrame } from '../../spec/wire/frame.ts'
import { kindOf } from '../../spec/wire/kinds.ts'
import { hostOf, portOf, printAddress } from '../link/address.ts'
import type { Tap } from '../link/tap.ts'
import { deferred } from './deferred.ts'
import { asSocketError, type SocketErrorCode, socketError } from './errors.ts'
import type { FirstPath } from './finder.ts'
import { serviceOf, serviceText } from './services.ts'
import type { Stack } from './stack.ts'
import type { Route } from './stackOptions.ts'
import { newStream } from './transports.ts'

export interface Answered {
  /** Where the answer came from. */
  readonly from: string
  /** From the first packet to its answer. */
  readonly ms: number
}

const frame = newFrame()

/** Sends one packet. Rejects as `connect` does, and with ETIMEDOUT after `timeoutMs`. */
export async function ping(stack: Stack, route: Route, timeoutMs: number): Promise<Answered> {
  await stack.opened()
  const { promise, resolve, reject } = deferred<Answered>()
  let stop = (): void => {}
  let place = {}
  const fail = (code: SocketErrorCode): void => reject(socketError(code, 'connect', place))
  const timer = setTimeout(() => fail('ETIMEDOUT'), timeoutMs)
  try {
    stack.find(route, 'connect', (error, path) => {
      if (error !== undefined) reject(error)
      else {
        place = { address: hostOf(path.to), port: portOf(path.to) }
        stop = ask(stack, route, path, resolve, fail)
      }
    })
    return await promise
  } catch (error) {
    throw asSocketError(error, 'connect', serviceText(route.service))
  } finally {
    clearTimeout(timer)
    stop()
  }
}

/** Returns a function that stops listening for the answer. Throws what `Host.connect` throws. */
function ask(
  stack: Stack,
  { service }: Route,
  { to, from }: FirstPath,
  resolve: (answered: Answered) => void,
  fail: (code: SocketErrorCode) => void,
): () => void {
  const { host, driver, taps, random, packetBytes } = stack
  const transport = newStream(random, packetBytes, true)
  const began = performance.now()
  const flow = host.connect({ service: serviceOf(service), transport, via: to, from }, driver.now())
  const expected = flow.state.sndNxt
  // The SYN still leaves. Its answer finds no flow, so the host sends a RST.
  host.abort(flow, driver.now())
  driver.kick()
  const hear: Tap = (batch, direction) => {
    if (direction === 'in')
      for (const { bytes, from } of batch) {
        if (decodeFrame(bytes, 0, bytes.length, frame) !== 0) continue
        if (frame.dstFlow !== flow.id || frame.ackno !== expected) continue
        const kind = kindOf(frame)
        if (kind === SYNACK) resolve({ from: printAddress(from), ms: performance.now() - began })
        else if (kind === RST) fail('ECONNREFUSED')
      }
  }
  taps.add(hear)
  return () => taps.delete(hear)
}
