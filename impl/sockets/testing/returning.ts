/**
 * In a network of its own: a download whose client loses its only address for a while. Prints how long after the address
 * returned the next bytes came, ms, and the connection's state: node returning.ts OUTAGE_MS.
 */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { at } from '../../../checker/text/at.ts'
import { connect, createServer, Stack } from '../index.ts'

const ip = (...args: readonly string[]): void => void execFileSync('ip', args)

ip('link', 'set', 'lo', 'up')
ip('link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'peer0')
for (const name of ['eth0', 'peer0']) ip('link', 'set', name, 'up')
for (const host of ['192.0.2.1', '198.51.100.1']) ip('addr', 'add', `${host}/24`, 'dev', 'eth0')

const serving = await new Stack({ addresses: ['192.0.2.1:0'] }).opened()
const server = createServer({ stack: serving }, socket => {
  const timer = setInterval(() => socket.write(Buffer.alloc(1000)), 50)
  socket.on('close', () => clearInterval(timer))
})
server.listen('test/return')
await once(server, 'listening')
const stack = await new Stack({ addresses: ['198.51.100.1:0'] }).opened()
const socket = connect({ service: 'test/return', via: at(serving.addresses, 0), stack })
await once(socket, 'data')
ip('addr', 'del', '198.51.100.1/24', 'dev', 'eth0')
await sleep(Number(process.argv[2]))
const back = once(socket, 'data')
ip('addr', 'add', '198.51.100.1/24', 'dev', 'eth0')
const began = performance.now()
await back
console.log(Math.round(performance.now() - began), socket.readyState)
process.exit()
