/**
 * A DNS server's answers (RFC 1035) for names of services: each gets an address that stands for its service. The answers
 * are a pure function of the query.
 */
import { HOST_SUFFIX } from '../sockets/hostNames.ts'

const HEADER_BYTES = 12
const LABEL_BYTES = 63
const NAME_BYTES = 255
const TYPE_A = 1
const ANY_TYPE = 255
const CLASS_IN = 1

/** How long a resolver may keep an answer, s. */
const TTL_S = 60

/** A response; authoritative. */
const RESPONSE = 0x8400
const RECURSION_DESIRED = 0x0100

const RCODE = { ok: 0, malformed: 1, failed: 2, unknown: 3, unsupported: 4, refused: 5 } as const

export interface Zone {
  readonly suffix?: string | undefined
  /** Returns the address for a host name; undefined: the name is no service. Throws if it has no address left. */
  readonly addressOf: (host: string) => string | undefined
}

interface Question {
  readonly name: string
  readonly type: number
  readonly isInternet: boolean
  /** Where it ends in the query. */
  readonly end: number
}

/** Returns the answer to a query. Undefined: it deserves none, because it is no query. */
export function answerQuery(query: Buffer, zone: Zone): Buffer | undefined {
  if (query.length < HEADER_BYTES || (query.readUInt16BE(2) & 0x8000) !== 0) return undefined
  const isPlain = (query.readUInt16BE(2) & 0x7800) === 0
  const question = query.readUInt16BE(4) === 1 ? readQuestion(query) : undefined
  if (question === undefined) return respond(query, HEADER_BYTES, RCODE.malformed)
  const { name, type, isInternet, end } = question
  if (!isPlain) return respond(query, end, RCODE.unsupported)
  const { suffix = HOST_SUFFIX, addressOf } = zone
  if (!isInternet || !`.${name.toLowerCase()}`.endsWith(suffix)) return respond(query, end, RCODE.refused)
  let address: string | undefined
  try {
    address = addressOf(name)
  } catch {
    return respond(query, end, RCODE.failed)
  }
  if (address === undefined) return respond(query, end, RCODE.unknown)
  // There are no IPv6 addresses: programs then use the IPv4 address.
  return respond(query, end, RCODE.ok, type === TYPE_A || type === ANY_TYPE ? address : undefined)
}

/** Returns the only question of a query; undefined if it is malformed. */
function readQuestion(query: Buffer): Question | undefined {
  const labels: string[] = []
  let at = HEADER_BYTES
  for (;;) {
    const length = query[at]
    // A question comes first, so there is nothing before it that a pointer could mean.
    if (length === undefined || length > LABEL_BYTES || at - HEADER_BYTES > NAME_BYTES) return undefined
    at += 1
    if (length === 0) break
    labels.push(query.toString('latin1', at, at + length))
    at += length
  }
  if (query.length < at + 4) return undefined
  const [type, rank] = [query.readUInt16BE(at), query.readUInt16BE(at + 2)]
  // A dot inside a label would look like the end of the label.
  const name = labels.map(label => label.replaceAll('.', '\\.')).join('.')
  return { name, type, isInternet: rank === CLASS_IN, end: at + 4 }
}

/** Returns a response with the question, and with an address if there is one. */
function respond(query: Buffer, end: number, rcode: number, address?: string): Buffer {
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUInt16BE(query.readUInt16BE(0), 0)
  header.writeUInt16BE(RESPONSE | (query.readUInt16BE(2) & (0x7800 | RECURSION_DESIRED)) | rcode, 2)
  header.writeUInt16BE(end > HEADER_BYTES ? 1 : 0, 4)
  header.writeUInt16BE(address === undefined ? 0 : 1, 6)
  const parts = [header, query.subarray(HEADER_BYTES, end)]
  if (address !== undefined) {
    const record = Buffer.alloc(16)
    // The name of the question, by a pointer to it.
    record.writeUInt16BE(0xc000 | HEADER_BYTES, 0)
    record.writeUInt16BE(TYPE_A, 2)
    record.writeUInt16BE(CLASS_IN, 4)
    record.writeUInt32BE(TTL_S, 6)
    record.writeUInt16BE(4, 10)
    record.set(address.split('.').map(Number), 12)
    parts.push(record)
  }
  return Buffer.concat(parts)
}
