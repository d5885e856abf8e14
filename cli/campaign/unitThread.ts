/** A thread that works on units, so that the worker's own thread keeps in touch with the server meanwhile. */
import { parentPort } from 'node:worker_threads'
import { must } from '../../checker/text/at.ts'
import { explain } from '../explain.ts'
import type { Reply, Unit } from './messages.ts'
import { takeUnit } from './takeUnit.ts'

/** What the thread answers: a reply, or the error that the unit always ends with. */
export type Answer = { readonly reply: Reply } | { readonly failed: string }

const port = must(parentPort, 'the thread of a worker')
port.on('message', (unit: Unit) => {
  takeUnit(unit).then(
    reply => port.postMessage({ reply } satisfies Answer),
    error => port.postMessage({ failed: explain(error) } satisfies Answer),
  )
})
