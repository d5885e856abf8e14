/** The same format, implemented naively with DataView, objects and exceptions: the reference for tests and benchmarks. */
import { must } from '../../../checker/text/at.ts'
import type { WireFault } from '../faults.ts'

export class NaiveFault extends Error {
  readonly fault: WireFault
  constructor(fault: WireFault) {
    super(fault)
    this.fault = fault
  }
}

export type Extension =
  | { readonly type: 'pad' }
  | {
      readonly type: 'control'
      readonly flags: number
      readonly verno: number
      readonly ackno: number
      readonly nonceHigh: number
      readonly nonceLow: number
    }
  | { readonly type: 'service'; readonly id: Uint8Array }
  | {
      readonly type: 'address'
      readonly verno: number
      readonly ackno: number
      readonly list: number[]
      readonly negotiated?: Negotiated | undefined
    }
  | { readonly type: 'source'; readonly list: number[] }

/** The content of a negotiation. A parameter that it lacks is absent. */
export interface Negotiated {
  readonly capabilities: number
  readonly addressSum?: number
  readonly origin?: readonly [port: number, ip: number]
  readonly token?: readonly [high: number, low: number]
  readonly challenge?: readonly [high: number, low: number]
  readonly echo?: readonly [high: number, low: number]
  readonly repetition?: readonly [attempt: number, ...refused: number[]]
  readonly key?: readonly number[]
  readonly join?: readonly number[]
  readonly advertised?: readonly number[]
  readonly echoed?: readonly number[]
}

export interface NaivePacket {
  readonly srcFlow: number
  readonly dstFlow: number
  readonly protocol: number
  readonly extensions: readonly Extension[]
  readonly transport: Uint8Array
}

export const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

export function naiveSum(bytes: Uint8Array): number {
  const view = viewOf(bytes)
  let sum = 0
  for (let at = 0; at < bytes.length; at += 2)
    sum += at + 1 < bytes.length ? view.getUint16(at) : view.getUint8(at) << 8
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000)
  return sum
}

const listOf = (view: DataView, from: number): number[] => {
  const list: number[] = []
  for (let at = from; at < view.byteLength; at += 4) list.push(view.getUint32(at))
  return list
}

/** Reads the negotiation of an ADDRESS that has one, once the packet is known to have no second ADDRESS. */
function withNegotiation(extension: Extension): Extension {
  if (extension.type !== 'address') return extension
  const { verno, ackno, list } = extension
  return verno === 0x53455256 && ackno === 0x4e45474f
    ? { ...extension, negotiated: negotiatedOf(list) }
    : extension
}

/** Words after the first of each parameter. */
const NAIVE_SIZES: ReadonlyMap<number, number> = new Map([
  [1, 0],
  [2, 1],
  [3, 2],
  [4, 2],
  [5, 2],
  // Any size up to 8.
  [6, 8],
  [7, 2],
  [8, 3],
  // Any even size from 2 to 34.
  [9, 34],
  [10, 2],
])

function negotiatedOf([head, ...words]: readonly number[]): Negotiated | undefined {
  if (head === undefined) throw new NaiveFault('NEGOTIATION')
  if (Math.floor(head / 2 ** 24) !== 1) return undefined
  const parameters = new Map<number, readonly number[]>()
  while (words.length > 0) {
    const first = must(words.shift())
    const [type, size] = [Math.floor(first / 2 ** 24), Math.floor(first / 2 ** 16) % 256]
    if (size > words.length) throw new NaiveFault('NEGOTIATION')
    const parameter = [first % 2 ** 16, ...words.splice(0, size)]
    const isVariable =
      (type === 6 && size <= 8) ||
      (type === 9 && [2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34].includes(size))
    const expected = isVariable ? size : NAIVE_SIZES.get(type)
    if (expected === undefined) continue
    if (size !== expected || parameters.has(type)) throw new NaiveFault('NEGOTIATION')
    parameters.set(type, parameter)
  }
  const [sum, origin] = [parameters.get(1)?.[0], parameters.get(2)]
  const [token, challenge, echo, repetition] = [3, 4, 5, 6].map(type => parameters.get(type))
  return {
    capabilities: head % 2 ** 16,
    ...(sum === undefined ? {} : { addressSum: sum }),
    ...(origin === undefined ? {} : { origin: [must(origin[0]), must(origin[1])] as const }),
    ...(token === undefined ? {} : { token: [must(token[1]), must(token[2])] as const }),
    ...(challenge === undefined ? {} : { challenge: [must(challenge[1]), must(challenge[2])] as const }),
    ...(echo === undefined ? {} : { echo: [must(echo[1]), must(echo[2])] as const }),
    ...(repetition === undefined
      ? {}
      : { repetition: [must(repetition[0]), ...repetition.slice(1)] as const }),
    ...Object.fromEntries(
      Object.entries({ key: 7, join: 8, advertised: 9, echoed: 10 }).flatMap(([name, type]) => {
        const words = parameters.get(type)
        return words === undefined ? [] : [[name, words]]
      }),
    ),
  }
}

function extensionOf(bytes: Uint8Array): Extension {
  const view = viewOf(bytes)
  const size = bytes.length
  switch (must(bytes[0]) >> 4) {
    case 1:
      if (size !== 20) throw new NaiveFault('EXTENSION_LENGTH')
      return {
        type: 'control',
        flags: view.getUint8(2),
        verno: view.getUint32(4),
        ackno: view.getUint32(8),
        nonceHigh: view.getUint32(12),
        nonceLow: view.getUint32(16),
      }
    case 2:
      if (size !== 36) throw new NaiveFault('EXTENSION_LENGTH')
      return { type: 'service', id: bytes.slice(4) }
    case 3:
      if (size < 12 || size % 4 > 0) throw new NaiveFault('EXTENSION_LENGTH')
      return { type: 'address', verno: view.getUint32(4), ackno: view.getUint32(8), list: listOf(view, 12) }
    case 4:
      if (size < 12 || size % 4 > 0) throw new NaiveFault('EXTENSION_LENGTH')
      return { type: 'source', list: listOf(view, 4) }
    default:
      throw new NaiveFault('EXTENSION_TYPE')
  }
}

const MOST: Readonly<Record<Extension['type'], number>> = {
  pad: 10,
  control: 1,
  service: 2,
  address: 1,
  source: 1,
}

function extensionsOf(header: Uint8Array): Extension[] {
  const extensions: Extension[] = []
  let rest = header.subarray(12)
  while (rest.length > 0) {
    if (extensions.length === 10) throw new NaiveFault('EXTENSION_COUNT')
    const isPad = must(rest[0]) >> 4 === 0
    const size = isPad ? 1 : (rest[1] ?? 0)
    if (size > rest.length || (!isPad && size < 2)) throw new NaiveFault('EXTENSION_LENGTH')
    const extension: Extension = isPad ? { type: 'pad' } : extensionOf(rest.subarray(0, size))
    if (extensions.filter(({ type }) => type === extension.type).length === MOST[extension.type])
      throw new NaiveFault('EXTENSION_REPEATED')
    if (extension.type === 'control' && extension.flags === 0) throw new NaiveFault('FLAGS')
    extensions.push(withNegotiation(extension))
    rest = rest.subarray(size)
  }
  return extensions
}

export function naiveDecode(bytes: Uint8Array): NaivePacket {
  if (bytes.length < 12) throw new NaiveFault('SHORT')
  const view = viewOf(bytes)
  const length = view.getUint8(8) * 4
  if (length < 12 || length > bytes.length) throw new NaiveFault('HEADER_LENGTH')
  const header = bytes.subarray(0, length)
  if (naiveSum(header) !== 0xffff) throw new NaiveFault('CHECK')
  const protocol = view.getUint8(9)
  if (protocol !== 6 && protocol !== 17) throw new NaiveFault('PROTOCOL')
  return {
    srcFlow: view.getUint32(0),
    dstFlow: view.getUint32(4),
    protocol,
    extensions: extensionsOf(header),
    transport: bytes.subarray(length),
  }
}

function bytesOf(extension: Extension): Uint8Array {
  if (extension.type === 'pad') return new Uint8Array(1)
  const { type } = extension
  const list = type === 'address' || type === 'source' ? extension.list : []
  const bytes = new Uint8Array({ control: 20, service: 36, address: 12, source: 4 }[type] + 4 * list.length)
  const view = viewOf(bytes)
  view.setUint8(0, ['pad', 'control', 'service', 'address', 'source'].indexOf(type) << 4)
  view.setUint8(1, bytes.length)
  if (type === 'control') view.setUint8(2, extension.flags)
  if (type === 'control' || type === 'address') {
    view.setUint32(4, extension.verno)
    view.setUint32(8, extension.ackno)
  }
  if (type === 'control') {
    view.setUint32(12, extension.nonceHigh)
    view.setUint32(16, extension.nonceLow)
  }
  if (type === 'service') bytes.set(extension.id, 4)
  list.forEach((address, i) => {
    view.setUint32((type === 'source' ? 4 : 12) + 4 * i, address)
  })
  return bytes
}

/** Encodes extensions in any order, valid or not; PAD must fill up to whole words. */
export function naiveEncode({ srcFlow, dstFlow, protocol, extensions, transport }: NaivePacket): Uint8Array {
  const parts = extensions.map(bytesOf)
  const length = parts.reduce((sum, part) => sum + part.length, 12)
  const bytes = new Uint8Array(length + transport.length)
  const view = viewOf(bytes)
  view.setUint32(0, srcFlow)
  view.setUint32(4, dstFlow)
  view.setUint8(8, length / 4)
  view.setUint8(9, protocol)
  let at = 12
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  view.setUint16(10, ~naiveSum(bytes.subarray(0, length)))
  bytes.set(transport, length)
  return bytes
}
