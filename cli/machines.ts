/** The machines by the names that people type, ready to be drawn. */
import { flowMachine } from '../spec/machines/flow/machine.ts'
import { NOTICES } from '../spec/machines/flow/notices.ts'
import { listenerMachine } from '../spec/machines/listener/machine.ts'
import { keeperMachine } from '../spec/machines/registration/keeper.ts'
import { registrantMachine } from '../spec/machines/registration/registrant.ts'
import { registrarMachine } from '../spec/machines/registration/registrar.ts'
import { relayMachine } from '../spec/machines/relay/machine.ts'
import { RELAY_REASONS } from '../spec/machines/relay/reasons.ts'
import { rendezvousMachine } from '../spec/machines/rendezvous/machine.ts'
import { RENDEZVOUS_REASONS } from '../spec/machines/rendezvous/reasons.ts'
import { delayQueueMachine } from '../spec/machines/resolution/delayQueue.ts'
import { forwarderMachine } from '../spec/machines/resolution/forwarder.ts'
import { REASONS } from '../spec/machines/resolution/reasons.ts'
import { seekerMachine } from '../spec/machines/resolution/seeker.ts'
import type { Chart } from '../studio/chart/chart.ts'
import { readChart } from '../studio/chart/readChart.ts'

export const machines: Readonly<Record<string, () => Chart>> = {
  flow: () => readChart(flowMachine, { notice: NOTICES }),
  listener: () => readChart(listenerMachine),
  forwarder: () => readChart(forwarderMachine, { reason: REASONS }),
  'delay-queue': () => readChart(delayQueueMachine, { reason: REASONS }),
  seeker: () => readChart(seekerMachine),
  rendezvous: () => readChart(rendezvousMachine, { reason: RENDEZVOUS_REASONS }),
  relay: () => readChart(relayMachine, { reason: RELAY_REASONS }),
  registrant: () => readChart(registrantMachine),
  registrar: () => readChart(registrarMachine),
  keeper: () => readChart(keeperMachine),
}
