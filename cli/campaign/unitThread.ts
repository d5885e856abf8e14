/** A thread that works on units, so that the worker's own thread keeps in touch with the server meanwhile. */
import { parentPort } from 'node:worker_threads'
import { must } from '../../checker/text/at.ts'
import { takeCheckUnit } from '../check/unit.ts'
import { explain } from '../explain.ts'
import { takeFuzzUnit } from '../fuzz/unit.ts'
import { takeSimulateUnit } from '../simulate/unit.ts'
import type { Reply, Unit } from './messages.ts'

/** What the thread answers: a reply, or the error that the unit always ends with. */
export type Answer = { readonly reply: Reply } | { readonly failed: string }

/** Works on a unit of any kind, to its end. */
function takeUnit(unit: Unit): Promise<Reply> {
  const watch = { progress: () => {} }
  switch (unit.kind) {
    case 'fuzz':
      return takeFuzzUnit(unit, watch)
    case 'simulate':
      return takeSimulateUnit(unit, watch)
    case 'check':
      return takeCheckUnit(unit, watch)
  }
}

const port = must(parentPort, 'the thread of a worker')
port.on('message', (unit: Unit) => {
  takeUnit(unit).then(
    reply => port.postMessage({ reply } satisfies Answer),
    error => port.postMessage({ failed: explain(error) } satisfies Answer),
  )
})
