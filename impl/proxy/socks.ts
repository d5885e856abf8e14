/**
 * The messages of SOCKS version 5 (RFC 1928). The readers are pure: they get all bytes so far, and return undefined while a
 * message is incomplete. Each message ends after at most 262 bytes.
 */
import { ProxyError } from './errors.ts'

export const SOCKS4 = 4
export const SOCKS5 = 5

/** A value, and the number of bytes that it takes. */
export interface Read<T> {
  readonly value: T
  readonly length: number
}

const NO_LOGIN = 0
const NONE_ACCEPTABLE = 0xff
const CONNECT = 1
const IPV4 = 1
const NAME = 3
const IPV6 = 4

/** Reads the methods that a client offers: whether it can do without a login. */
export function readGreeting(bytes: Uint8Array): Read<boolean> | undefined {
  const count = bytes[1]
  if (count === undefined || bytes.length < 2 + count) return undefined
  return { value: bytes.subarray(2, 2 + count).includes(NO_LOGIN), length: 2 + count }
}

export interface SocksRequest {
  readonly host: string
  readonly port: number
}

/** Reads a request. Throws PROXY_GARBAGE, PROXY_ADDRESS_TYPE, and PROXY_COMMAND when the request is complete. */
export function readRequest(bytes: Uint8Array): Read<SocksRequest> | undefined {
  if (bytes.length > 0 && bytes[0] !== SOCKS5) throw new ProxyError('PROXY_GARBAGE')
  const size = addressSize(bytes)
  if (size === undefined || bytes.length < 4 + size + 2) return undefined
  if (bytes[1] !== CONNECT) throw new ProxyError('PROXY_COMMAND')
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const address = view.subarray(4, 4 + size)
  const host = bytes[3] === NAME ? address.toString('latin1', 1) : printIp(address)
  return { value: { host, port: view.readUInt16BE(4 + size) }, length: 4 + size + 2 }
}

/** Returns the bytes of the address, the length of a name included; undefined while it is unknown. */
function addressSize(bytes: Uint8Array): number | undefined {
  const [, , , type, first] = bytes
  switch (type) {
    case undefined:
      return undefined
    case IPV4:
      return 4
    case IPV6:
      return 16
    case NAME:
      return first === undefined ? undefined : 1 + first
    default:
      throw new ProxyError('PROXY_ADDRESS_TYPE')
  }
}

function printIp(address: Buffer): string {
  if (address.length === 4) return address.join('.')
  return Array.from({ length: 8 }, (_, i) => address.readUInt16BE(2 * i).toString(16)).join(':')
}

/** The answer to a greeting. */
export const methodAnswer = (isAcceptable: boolean): Uint8Array =>
  Uint8Array.of(SOCKS5, isAcceptable ? NO_LOGIN : NONE_ACCEPTABLE)

/** The answer to a request; 0 is success. A service has no address, so the address is always 0.0.0.0:0. */
export const replyAnswer = (reply: number): Uint8Array =>
  Uint8Array.of(SOCKS5, reply, 0, IPV4, 0, 0, 0, 0, 0, 0)

/** The refusal that a client of SOCKS version 4 understands. */
export const socks4Refusal = (): Uint8Array => Uint8Array.of(0, 0x5b, 0, 0, 0, 0, 0, 0)
