/** Reports the events of a connection on standard error. */

import { must } from '../../checker/text/at.ts'
import { printFlowId } from '../../impl/admin/index.ts'
import type { Socket } from '../../impl/sockets/index.ts'
import { explain } from '../explain.ts'
import { size } from '../screen.ts'
import { say } from './say.ts'

const ends = (socket: Socket): string => {
  const place = (host = '', port = 0): string =>
    host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
  const local = place(socket.localAddress, socket.localPort)
  return `here ${local}, there ${place(socket.remoteAddress, socket.remotePort)}`
}

/** A person who waits longer than this, in ms, must learn what for. */
const SILENT_MS = 3000

/** Reports once that no answer has arrived yet, and how to find out why. */
export function tellSilence(socket: Socket, service: string, via: string | undefined): void {
  const where = via === undefined ? 'where the rules lead' : `at ${via}`
  const timer = setTimeout(
    () =>
      say(
        `no answer yet from ${service} ${where}; if a router is there, run serval resolve ${service} on its machine to see why`,
      ),
    SILENT_MS,
  )
  for (const event of ['connect', 'close']) socket.once(event, () => clearTimeout(timer))
}

/** Reports that the connection is open, each change of its path, and how it ends. */
export function tell(socket: Socket): void {
  const began = performance.now()
  let name = ''
  const begin = (): void => {
    name = `flow ${printFlowId(must(socket.flow))}`
    say(`${name}: connected, ${ends(socket)}`)
  }
  if (socket.connecting) socket.once('connect', begin)
  else begin()
  socket.on('path', ({ reason }) => {
    // `flowEnd` says so of each flow, with its own addresses.
    if (reason !== 'flow ended') say(`${name}: ${reason}, ${ends(socket)}`)
  })
  socket.on('flow', ({ local, remote }) => say(`${name}: another flow, here ${local}, there ${remote}`))
  socket.on('flowEnd', ({ local, remote }) => say(`${name}: a flow less, here ${local}, there ${remote}`))
  let failure: Error | undefined
  socket.on('error', error => {
    failure = error
  })
  socket.once('close', () => {
    if (name === '') return
    const seconds = ((performance.now() - began) / 1000).toFixed(1)
    const isWhole = socket.readableEnded && socket.writableFinished
    const how = failure !== undefined ? `broken (${explain(failure)})` : isWhole ? 'ended' : 'cut off here'
    say(
      `${name}: ${how} after ${seconds} s, sent ${size(socket.bytesWritten)}, got ${size(socket.bytesRead)}`,
    )
  })
}
