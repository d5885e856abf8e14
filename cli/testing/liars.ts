/** For tests: a controller and a local process whose every answer holds text that would steer a terminal. */

import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { createServer as createLocalServer } from 'node:net'
import { dirname } from 'node:path'
import type { Duplex } from 'node:stream'
import { at, must } from '../../checker/text/at.ts'
import { decodeRequest, type Request } from '../../impl/admin/messages.ts'
import { CONTROLLER_SERVICE, decodeQuestion } from '../../impl/controller/messages.ts'
import { printServiceId, serviceIdOf } from '../../impl/host/services/serviceId.ts'
import { createServer, Stack } from '../../impl/sockets/index.ts'

/** Sets a title, clears the screen, sets a colour by an 8-bit sequence, begins a line, and reverses what follows. */
export const EVIL = '\u001b]0;title\u0007\u001b[2J\u009b31mEVIL\u202e\u2066\nanother line'
/** The beginning of that text as commands print it. The columns of a table may cut the rest. */
export const ESCAPED = '\\u001b'

const WEB = printServiceId(serviceIdOf('acme/web'))

const lyingSummary = {
  ...{ registry: EVIL, hosts: 1, routers: 1, routersAt: [EVIL], failures: [EVIL], events: { [EVIL]: 1 } },
}

/** Answers each line. */
function serve(socket: Duplex, answer: (line: string) => readonly object[]): void {
  let begun = ''
  socket.on('error', () => {})
  socket.on('data', chunk => {
    const lines = (begun + chunk).split('\n')
    begun = must(lines.pop())
    for (const line of lines) for (const message of answer(line)) socket.write(`${JSON.stringify(message)}\n`)
  })
}

/** Resolves with a controller that lies. `at` is its address. */
export async function lyingController() {
  const stack = await new Stack({ addresses: ['127.0.3.20:0'] }).opened()
  const server = createServer({ stack }, socket => serve(socket, toHost))
  server.listen(CONTROLLER_SERVICE)
  await once(server, 'listening')
  return { at: at(stack.addresses, 0), [Symbol.asyncDispose]: () => stack.close({ limitMs: 0 }) }
}

function toHost(line: string): readonly object[] {
  const question = decodeQuestion(line)
  switch (question.type) {
    case 'hello': {
      const target = { kind: 'forward', address: '127.0.3.21:54325', priority: 1, weight: 1 }
      const rules = { type: 'rules', prefix: WEB, name: EVIL, targets: [target] }
      return [rules, { type: 'complete' }, { type: 'error', code: 'CONTROLLER_SHAPE', message: EVIL }]
    }
    case 'register': {
      const { service, instance, version } = question
      const refusal = { type: 'refused', code: 'CONTROLLER_SERVICE', message: EVIL }
      return [{ ...refusal, service, instance, version }]
    }
    case 'resolve':
      return [{ type: 'resolved', service: question.service, found: false }]
    case 'list':
      return [{ type: 'listing', instances: [], isMore: false, trouble: EVIL, summary: lyingSummary }]
    default:
      return []
  }
}

/** Resolves with a process that lies at its admin socket; `path` is where commands look for that of this process. */
export async function lyingProcess(path: string) {
  mkdirSync(dirname(path), { mode: 0o700, recursive: true })
  const server = createLocalServer(socket => serve(socket, line => [toCommand(decodeRequest(line))]))
  server.listen(path)
  await once(server, 'listening')
  return { [Symbol.asyncDispose]: async () => void server.close() }
}

const RULE = {
  ...{ prefix: WEB, bits: 256, priority: 1, weight: 1, isPlain: false },
  ...{ packets: 0, bytes: 0, drops: 0, target: EVIL },
}
const FLOW = {
  ...{ flow: '00000001', service: EVIL, id: EVIL, kind: 'stream', side: 'client' },
  ...{ connection: EVIL, migration: EVIL, local: EVIL, peer: EVIL, path: null },
  ...{ sent: 0, received: 0, roundTripMs: null, buffered: 0, of: null },
  ...{ isStalled: false, mtu: null, goodput: null, silentMs: null, protection: 'none' },
}
const SERVICE = { service: EVIL, id: WEB, flows: 0, pending: 0, waiting: 0 }

const FACTS: Partial<Readonly<Record<Request['method'], object>>> = {
  stack: {
    ...{ pid: process.pid, addresses: [EVIL], mobility: EVIL },
    ...{ sinceMs: 0, controls: true, trouble: EVIL },
  },
  flows: { flows: [FLOW], isMore: false },
  services: { services: [SERVICE], isMore: false },
  rules: { rules: [RULE], next: 0 },
  addRule: { overruledBy: EVIL },
  rulesForAll: { rules: [{ prefix: EVIL, target: EVIL, priority: 1, weight: 1 }], isMore: false },
}

/** Returns the facts that a command asks for, or an error. */
function toCommand({ id, method }: Request): object {
  const result = FACTS[method]
  return result === undefined ? { id, error: { code: 'ADMIN_CAPTURE', message: EVIL } } : { id, result }
}
