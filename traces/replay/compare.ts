/** Compares a flow of the stack with the model's flow. */
import { must } from '../../checker/text/at.ts'
import type { Flow } from '../../impl/host/flows/flow.ts'
import type { Listener } from '../../impl/host/flows/listener.ts'
import { PEER_NONCE, PEER_TOKEN } from '../../impl/host/flows/nonces.ts'
import { type FlowSlot, type Flow as ModelFlow, ROLE } from '../../spec/worlds/flow/state.ts'
import { type Dictionary, modelAddress } from './dictionary.ts'

/** The first part in which stack and model differ. */
export interface Difference {
  /** A register such as `client.sndNxt`; `sent`: packets; `network`: a missing packet; `timer`: a timer that does not run. */
  readonly part: string
  readonly model: string
  readonly stack: string
}

type Registers = Readonly<Record<(typeof COMPARED)[number], number>>

const COMPARED = [
  ...['connection', 'migration', 'localFlow', 'peerFlow', 'localNonce', 'peerNonce', 'peerToken'],
  ...[
    'local',
    'peer',
    'nextLocal',
    'nextPeer',
    'formerPeer',
    'sndNxt',
    'rcvNxt',
    'credit',
    'claimed',
    'capabilities',
    'held',
    'joins',
    'owed',
  ],
] as const

export function compareFlow(
  { slot, flow }: { readonly slot: FlowSlot; readonly flow: Flow | undefined },
  model: ModelFlow,
  listener: Listener | undefined,
  dictionary: Dictionary,
): Difference | undefined {
  if (slot.role === ROLE.LISTENER) {
    const connection = listener?.socket.connection ?? 0
    return connection === model.connection
      ? undefined
      : { part: `${slot.name}.connection`, model: `${model.connection}`, stack: `${connection}` }
  }
  const stack = flow ? registersOf(flow, slot, model.space, dictionary) : undefined
  for (const name of COMPARED) {
    const [one, other] = [(model as unknown as Registers)[name], stack?.[name] ?? 0]
    if (one !== other) return { part: `${slot.name}.${name}`, model: `${one}`, stack: `${other}` }
  }
  return undefined
}

/** Returns a flow's registers in the model's numbers. */
function registersOf(flow: Flow, slot: FlowSlot, space: number, dictionary: Dictionary): Registers {
  const s = flow.state
  const peerNonce = s.peerNonce === PEER_NONCE ? dictionary.modelNonce(flow.peerNonce) : must(s.peerNonce)
  return {
    ...(s as Registers),
    localNonce: s.localNonce === 0 ? 0 : s.localNonce === PEER_TOKEN ? slot.token : slot.nonce,
    peerNonce,
    peerToken: s.peerToken === 0 ? 0 : dictionary.modelNonce(flow.peerToken),
    local: modelAddress(must(s.local)),
    peer: modelAddress(must(s.peer)),
    nextLocal: modelAddress(must(s.nextLocal)),
    nextPeer: modelAddress(must(s.nextPeer)),
    formerPeer: modelAddress(must(s.formerPeer)),
    sndNxt: must(s.sndNxt) % space,
    rcvNxt: must(s.rcvNxt) % space,
  }
}
