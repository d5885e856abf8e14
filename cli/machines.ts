/** The machines by the names that people type, ready to be drawn. */
import { flowMachine } from '../spec/flow/machine.ts'
import { NOTICES } from '../spec/flow/notices.ts'
import { listenerMachine } from '../spec/listener/machine.ts'
import { registrantMachine } from '../spec/registration/registrant.ts'
import { registrarMachine } from '../spec/registration/registrar.ts'
import { RENDEZVOUS_REASONS, rendezvousMachine } from '../spec/rendezvous/machine.ts'
import { delayQueueMachine } from '../spec/resolution/delayQueue.ts'
import { forwarderMachine } from '../spec/resolution/forwarder.ts'
import { REASONS } from '../spec/resolution/reasons.ts'
import type { Chart } from '../studio/chart/chart.ts'
import { readChart } from '../studio/chart/readChart.ts'

export const machines: Readonly<Record<string, () => Chart>> = {
  flow: () => readChart(flowMachine, { notice: NOTICES }),
  listener: () => readChart(listenerMachine),
  forwarder: () => readChart(forwarderMachine, { reason: REASONS }),
  'delay-queue': () => readChart(delayQueueMachine, { reason: REASONS }),
  rendezvous: () => readChart(rendezvousMachine, { reason: RENDEZVOUS_REASONS }),
  registrant: () => readChart(registrantMachine),
  registrar: () => readChart(registrarMachine),
}
