/**
 * TLS on the connection between a host and a controller. One end may have it and the other not: each recognizes that by the first
 * byte, and says what is wrong.
 */
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { checkServerIdentity, connect, createSecureContext, type SecureContext, TLSSocket } from 'node:tls'
import type { Socket } from '../sockets/socket.ts'
import type { ControllerAt } from './controllerAt.ts'
import { PlaneError } from './errors.ts'
import { encode } from './messages.ts'

/** The name that a controller's certificate may have instead of its address: it holds wherever a router leads. */
export const TLS_NAME = 'controller.serval'
/** How long either end waits for the other's part of the handshake, ms. */
const HANDSHAKE_MS = 6000
/** The first byte of every TLS connection: a record of a handshake. A JSON message begins with a brace. */
const HANDSHAKE = 0x16

/** A controller's certificate and its key, in PEM. */
export interface ControllerTls {
  readonly cert: string
  readonly key: string
}

/** Throws CONTROLLER_FILE. */
export function contextOf(tls: ControllerTls): SecureContext {
  try {
    return createSecureContext({ ...tls, minVersion: 'TLSv1.2' })
  } catch (error) {
    throw new PlaneError(
      'CONTROLLER_FILE',
      `the certificate of the controller: ${(error as Error).message}; name files of PEM, with the key of the certificate`,
    )
  }
}

/** Resolves to the stream to a controller, over a connected socket. Rejects with CONTROLLER_TLS. */
export async function secured(socket: Socket, { via, tls }: ControllerAt): Promise<Duplex> {
  if (tls === undefined) return socket
  const host = via.replace(/^\[(.*)\](:\d+)?$/, '$1').replace(/^([^:]+):\d+$/, '$1')
  const secure = connect({
    ...{ socket, servername: TLS_NAME, minVersion: 'TLSv1.2' as const },
    ...(tls.ca !== undefined && { ca: tls.ca }),
    checkServerIdentity: (_, certificate) => {
      if (checkServerIdentity(TLS_NAME, certificate) === undefined) return undefined
      return checkServerIdentity(host, certificate)
    },
  })
  // It may fail again later, and the end of the connection says so.
  secure.on('error', () => {})
  secure.once('close', () => socket.destroySoon())
  const limit = AbortSignal.timeout(HANDSHAKE_MS)
  try {
    await once(secure, 'secureConnect', { signal: limit })
    return secure
  } catch (error) {
    socket.resetAndDestroy()
    throw new PlaneError('CONTROLLER_TLS', `${via}: ${reasonOf(error, limit)}`)
  }
}

function reasonOf(error: unknown, limit: AbortSignal): string {
  if (limit.aborted)
    return 'nobody answers with TLS; write the address without tls://, or start the controller with --tls-cert'
  const { code = '', message } = error as NodeJS.ErrnoException
  if (code === 'ECONNRESET')
    return 'the connection ended during the handshake; check that the controller has TLS, and look at its log'
  if (/WRONG_VERSION|UNEXPECTED_MESSAGE|PACKET_LENGTH|HTTP_REQUEST/.test(code))
    return 'the controller has no TLS; write the address without tls://, or start it with --tls-cert and --tls-key'
  return `${message}; name with 'ca' the authority of the controller's certificate, which is for its address or ${TLS_NAME}`
}

/**
 * Resolves to the stream from a host. Resolves to undefined if the connection ended first, or one of the two ends has TLS and the
 * other not, which the host learns. `isOwn`: the host is in the controller's own process, and needs no TLS.
 */
export async function accepted(
  socket: Socket,
  context: SecureContext | undefined,
  isOwn: boolean,
  limitMs = HANDSHAKE_MS,
): Promise<Duplex | undefined> {
  const first = await firstByteOf(socket)
  if (first === undefined) return undefined
  const isSecure = first === HANDSHAKE
  if (isSecure === (context !== undefined))
    return context === undefined ? socket : handshaken(socket, context, limitMs)
  if (isOwn && !isSecure) return socket
  const message = isSecure
    ? 'CONTROLLER_TLS: this controller has no TLS; write its address without tls://'
    : 'CONTROLLER_TLS: this controller wants TLS; write tls:// before its address'
  socket.end(encode({ type: 'error', code: 'CONTROLLER_TLS', message }))
  return undefined
}

/** Resolves to undefined if the host ends the connection, breaks the protocol, or takes longer. */
const handshaken = (
  socket: Socket,
  secureContext: SecureContext,
  limitMs: number,
): Promise<Duplex | undefined> =>
  new Promise(resolve => {
    const secure = new TLSSocket(socket, { isServer: true, secureContext })
    // Nobody reads yet, and would notice the end.
    const cutOff = (): void => void secure.destroy()
    socket.once('end', cutOff)
    // The wait for the first line is longer, and costs less.
    const limit = setTimeout(cutOff, limitMs).unref()
    secure.on('error', () => {})
    secure.once('secure', () => {
      clearTimeout(limit)
      socket.off('end', cutOff)
      resolve(secure)
    })
    secure.once('close', () => {
      clearTimeout(limit)
      socket.destroySoon()
      resolve(undefined)
    })
    socket.once('close', cutOff)
  })

/** Ends a stream once everything that was written has left. */
export function endSoon(stream: Duplex): void {
  if ('destroySoon' in stream) (stream as Socket).destroySoon()
  else stream.end()
}

/** Resolves to the first byte, which stays to be read; undefined if the connection ends without one. */
const firstByteOf = (socket: Socket): Promise<number | undefined> =>
  new Promise(resolve => {
    const events = ['readable', 'end', 'close']
    const look = (): void => {
      const chunk: Uint8Array | null = socket.read()
      if (chunk === null && !socket.readableEnded && !socket.destroyed) return
      for (const event of events) socket.off(event, look)
      if (chunk !== null) socket.unshift(chunk)
      resolve(chunk?.[0])
    }
    for (const event of events) socket.on(event, look)
    look()
  })
