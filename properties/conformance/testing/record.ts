/** Traffic of simulated hosts, as each of them sees it, and changes to it. */
import { at } from '../../../checker/text/at.ts'
import { isIntact } from '../../../impl/host/packets/intact.ts'
import { decodeFrame, type Frame, newFrame } from '../../../spec/wire/frame.ts'
import { type Advertisement, encodeHeader, type Outgoing } from '../../../spec/wire/header.ts'
import { read32 } from '../../../spec/wire/numbers.ts'
import type { FaultLevel } from '../../simulator/faults/levels.ts'
import { generatePlan } from '../../simulator/generate.ts'
import type { Plan } from '../../simulator/plan.ts'
import { simulate } from '../../simulator/simulate.ts'
import type { SimulationObserver } from '../../simulator/simulation.ts'
import { Judge } from '../judge.ts'
import type { Judgement, JudgeOptions } from '../judgement.ts'
import type { Observed } from '../observed.ts'

/** By host, of a run without crashes. */
export function record(
  seed: number,
  hosts: number,
  faults: FaultLevel,
  started?: SimulationObserver['started'],
): Observed[][] {
  const plan = generatePlan({ seed, hosts, faults })
  return recordPlan({ ...plan, actions: plan.actions.filter(action => action.do !== 'crash') }, started)
}

export function recordPlan(plan: Plan, started?: SimulationObserver['started']): Observed[][] {
  const seen: Observed[][] = Array.from({ length: plan.hosts }, () => [])
  const packet: SimulationObserver['packet'] = (host, datagram, direction, timeMs) => {
    const bytes = datagram.bytes.slice()
    at(seen, host).push({ ...datagram, bytes, direction, timeMs, isIntact: isIntact(datagram) })
  }
  simulate(plan, { packet, ...(started && { started }) })
  return seen
}

/** Of a host that ran to the end, unless told otherwise. */
export function judge(observed: readonly Observed[], options: JudgeOptions = { isRunning: true }): Judgement {
  const judge = new Judge(options)
  for (const one of observed) judge.see(one)
  return judge.judgement()
}

const BYTES = 2048

/** Returns the ADDRESS of a decoded packet, which contains its negotiation. */
function advertisedIn({ bytes, addresses, addressCount }: Frame): Advertisement | undefined {
  if (addresses < 0) return undefined
  const words = Array.from({ length: 2 + addressCount }, (_, i) => read32(bytes, addresses + 4 * i))
  return { verno: at(words, 0), ackno: at(words, 1), addresses: words.slice(2) }
}

/** A header to change: of what was decoded, as it is to be encoded. */
export type Header = { -readonly [Part in keyof Outgoing]: Outgoing[Part] }

/** Returns the packet with another header, and without SOURCE. */
export function withHeader(observed: Observed, change: (header: Header) => void): Observed {
  const frame: Frame = newFrame()
  decodeFrame(observed.bytes, 0, observed.bytes.length, frame)
  const { service, payload, end, ...rest } = frame
  const header: Header = {
    ...rest,
    service: service < 0 ? undefined : observed.bytes.slice(service, service + 32),
    sourceService: undefined,
    sources: [],
    advertised: advertisedIn(frame),
  }
  change(header)
  const bytes = new Uint8Array(BYTES)
  const start = encodeHeader(header, bytes, 0)
  bytes.set(observed.bytes.subarray(payload, end), start)
  return { ...observed, bytes: bytes.slice(0, start + end - payload) }
}
