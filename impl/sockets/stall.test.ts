/** A process that did not run for a while reads what has arrived before its timers expire. */
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { SLOW } from '../../checker/testing/limits.ts'
import { must } from '../../checker/text/at.ts'
import { connect, Stack } from './index.ts'

/** Longer than the retransmission timeout of a stream on this machine. */
const STALL_MS = 400

test('an answer that arrived during a stall prevents a retransmission', SLOW, async () => {
  const answered = new Int32Array(new SharedArrayBuffer(4))
  const worker = new Worker(new URL('testing/answering.ts', import.meta.url), { workerData: answered })
  await using stack = await new Stack({ addresses: ['127.0.0.2:0'] }).opened()
  const [via] = (await once(worker, 'message')) as [string]
  const socket = connect({ service: 'test/stall', via, stack, noDelay: true }).resume()
  await once(socket, 'connect')
  socket.write('x')
  await once(socket, 'data')
  await sleep(STALL_MS)
  Atomics.store(answered, 0, 0)
  const { timeouts, tailProbes } = must(socket.statistics)
  socket.write('x')
  // The bytes leave at the end of this turn, and the process stalls in the next one.
  await new Promise(setImmediate)
  Atomics.wait(answered, 0, 0)
  for (const until = performance.now() + STALL_MS; performance.now() < until; );
  await once(socket, 'data')
  expect(must(socket.statistics)).toMatchObject({ timeouts, tailProbes })
  socket.destroy()
  await worker.terminate()
})
