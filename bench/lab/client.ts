/**
 * A program of the lab: downloads, and prints what happens as lines of JSON: `{ t, bytes }` whenever bytes have arrived, `{ t, event }`,
 * and at last `{ t, bytes, whole, longestMs, ... }`. Its standard input takes `mark` when a fault begins, and `migrate ADDRESS`.
 *
 * Usage: client.ts BYTES RATE MOBILITY [CONTROLLER]
 */
import { createHash } from 'node:crypto'
import { createInterface } from 'node:readline'
import { Agent } from '../../impl/controller/index.ts'
import type { Mobility } from '../../impl/host/paths/mobility.ts'
import { connect, Stack } from '../../impl/sockets/index.ts'
import { SERVER, SERVICE } from './places.ts'

const HASH_BYTES = 32
/** How often progress is printed, ms. */
const SAMPLE_MS = 20

const [count = 0, rate = 0] = process.argv.slice(2, 4).map(Number)
const controller = process.argv[5]
const mobility = (process.argv[4] ?? 'failover') as Mobility
const startMs = performance.now()
const now = (): number => Math.round(performance.now() - startMs)
const say = (what: object): boolean => process.stdout.write(`${JSON.stringify({ t: now(), ...what })}\n`)

const stack = new Stack({ mobility })
await stack.opened()
if (controller !== undefined) await new Agent({ stack, controllers: [controller], delays: true }).connected()
const socket = connect({ service: SERVICE, stack, ...(controller === undefined && { via: SERVER }) })
const hash = createHash('sha256')
let [bytes, printed, lastMs, markMs, longestMs] = [0, 0, 0, Number.POSITIVE_INFINITY, 0]
let rest: Buffer = Buffer.alloc(0)

const sample = setInterval(() => {
  if (bytes === printed) return
  printed = bytes
  say({ bytes })
}, SAMPLE_MS)

/** Everything but the last bytes, which are the hash. */
function take(piece: Buffer): void {
  const nowMs = now()
  if (nowMs >= markMs) longestMs = Math.max(longestMs, nowMs - Math.max(lastMs, markMs))
  lastMs = nowMs
  bytes += piece.length
  rest = Buffer.concat([rest, piece])
  const known = Math.max(0, rest.length - HASH_BYTES)
  hash.update(rest.subarray(0, known))
  rest = rest.subarray(known)
}

socket.on('connect', () => socket.write(`${count} ${rate}`))
socket.on('data', take)
socket.on('path', ({ reason, local }) => say({ event: reason, local, remote: socket.remoteAddress }))
socket.on('error', (error: NodeJS.ErrnoException) => say({ event: error.code }))
socket.on('close', () => {
  clearInterval(sample)
  const whole = bytes === count + HASH_BYTES && hash.digest().equals(rest)
  // The last gap ends with the error.
  if (!whole) longestMs = Math.max(longestMs, now() - Math.max(lastMs, markMs))
  say({ bytes, whole, longestMs, segmentBytes: socket.statistics?.segmentBytes })
  process.exit()
})
createInterface(process.stdin).on('line', line => {
  const [word, address = ''] = line.split(' ')
  if (word === 'mark') {
    markMs = now()
    say({ event: 'fault' })
  } else
    socket.migrate(address).then(
      () => say({ event: 'moved' }),
      (error: NodeJS.ErrnoException) => say({ event: error.code }),
    )
})
