/**
 * Lets programs made for `net` reach services: hosts under `.serval` in `net`, `tls`, `http`, `https`, `http2`, `fetch` and
 * `dns.lookup`, and so in every driver that is built on them.
 */
import dns, { type LookupAddress } from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'
import net, { type LookupFunction } from 'node:net'
import { HOST_SUFFIX, serviceOfHost } from '../sockets/hostNames.ts'
import { Socket } from '../sockets/socket.ts'
import { SPLICED } from '../sockets/splice.ts'
import type { Stack } from '../sockets/stack.ts'
import { LOOPBACK, Meeting } from './meeting.ts'
import { StandIns } from './standIns.ts'

type Options = { readonly host?: unknown; readonly port?: unknown; readonly path?: unknown }

/** What the socket asks its lookup for. */
const HOST = HOST_SUFFIX.slice(1)

/** What `net` makes of the arguments of `connect`: an array that holds options, options, or a port and a host. */
function optionsOf([first, second]: readonly unknown[]): Options {
  if (Array.isArray(first)) return optionsOf(first)
  if (typeof first === 'object' && first !== null) return first
  return { port: first, host: second }
}

/**
 * Patches this process: hosts under `.serval` are services of `stack`. Resolves to a function that takes the patch back.
 */
export async function reachByName(stack: Stack): Promise<() => void> {
  const standIns = new StandIns()
  const meeting = await new Meeting().open()
  const undo = [patchConnect(stack, standIns, meeting), patchLookup(standIns), () => meeting.close()]
  // For programs that import `lookup` by its name.
  syncBuiltinESMExports()
  return () => {
    for (const each of undo) each()
    syncBuiltinESMExports()
  }
}

function patchConnect(stack: Stack, standIns: StandIns, meeting: Meeting): () => void {
  const { connect } = net.Socket.prototype

  const serviceIn = (args: readonly unknown[]): string | undefined => {
    const { host, path } = optionsOf(args)
    if (typeof host !== 'string' || typeof path === 'string') return undefined
    return serviceOfHost(host) ?? standIns.serviceOf(host)
  }

  net.Socket.prototype.connect = function (this: net.Socket, ...args: unknown[]) {
    const service = serviceIn(args)
    if (service === undefined) return Reflect.apply(connect, this, args)
    const list = Array.isArray(args[0]) ? args[0] : args
    const options = {
      ...optionsOf(args),
      ...{ host: HOST, port: meeting.port, lookup: reach(this, service), autoSelectFamily: false },
    }
    return Reflect.apply(connect, this, [options, list.findLast(arg => typeof arg === 'function')])
  } as typeof connect

  /** Returns a lookup that ends when the service has answered. Until then, and if it fails, the socket only connects. */
  const reach =
    (socket: net.Socket, service: string): LookupFunction =>
    (_host, _options, found) => {
      const stream = new Socket({ ...SPLICED, stack })
      const leave = (): void => {
        // The program may connect the same socket again.
        socket.off('connect', join)
        stream.destroy()
      }
      const join = (): void => {
        socket.off('close', leave)
        meeting.join(socket, stream)
      }
      socket.once('close', leave)
      socket.prependOnceListener('connect', join)
      const fail = (error: Error): void => found(error, '', 0)
      stream.once('error', fail)
      stream.connect(service, () => {
        stream.off('error', fail)
        stream.on('error', () => {})
        found(null, LOOPBACK, 4)
      })
    }

  return () => {
    net.Socket.prototype.connect = connect
  }
}

/** Such a host is resolved to an address that stands for its service in this process. */
function patchLookup(standIns: StandIns): () => void {
  const { lookup } = dns
  const promised = dns.promises.lookup

  const resolve = (host: unknown, options: unknown): LookupAddress | undefined => {
    const service = typeof host === 'string' ? serviceOfHost(host) : undefined
    if (service === undefined) return undefined
    const family = typeof options === 'number' ? options : Object(options).family
    const address = standIns.addressOf(service)
    return family === 6 || family === 'IPv6'
      ? { address: `::ffff:${address}`, family: 6 }
      : { address, family: 4 }
  }

  const replacement = (host: string, ...rest: unknown[]): unknown => {
    const [options, callback] = rest.length > 1 ? rest : [undefined, rest[0]]
    if (typeof callback !== 'function') return Reflect.apply(lookup, dns, [host, ...rest])
    let answer: readonly unknown[]
    try {
      const found = resolve(host, options)
      if (found === undefined) return Reflect.apply(lookup, dns, [host, ...rest])
      answer = Object(options).all ? [null, [found]] : [null, found.address, found.family]
    } catch (error) {
      answer = [error]
    }
    process.nextTick(() => callback(...answer))
    return {}
  }
  // Among its properties is the one by which `util.promisify` names the results.
  dns.lookup = Object.defineProperties(replacement, Object.getOwnPropertyDescriptors(lookup)) as typeof lookup

  dns.promises.lookup = (async (host: string, options?: object) => {
    const found = resolve(host, options)
    if (found === undefined) return Reflect.apply(promised, dns.promises, [host, options])
    return Object(options).all ? [found] : found
  }) as typeof promised

  return () => {
    dns.lookup = lookup
    dns.promises.lookup = promised
  }
}
