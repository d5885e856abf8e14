/** Capabilities: what two ends agree on beyond the prototype's protocol. */
import { common } from '../../../machines/flow/capabilities.ts'
import { SYN, SYNACK } from '../../../machines/flow/packets.ts'
import type { Safety } from '../../invariant.ts'
import type { FlowWorld } from '../state.ts'
import { everyPair } from '../terms.ts'

export const provedCapabilities: Safety<FlowWorld> = {
  id: '62',
  name: 'proved-capabilities',
  sentence:
    'Two ends that know each other use the same capabilities: those that both offer. A SYN-ACK names none that its SYN does not name, so a prototype gets no negotiation but in a SYN.',
  source: 'RFC 9000 7.4',
  holds: w =>
    everyPair(
      w,
      (f, g) => f.capabilities === common(f.offers, g.offers) && g.capabilities === f.capabilities,
    ) &&
    (w.did.kind !== SYN ||
      w.did.sentKind !== SYNACK ||
      w.did.sentCapabilities === common(w.did.sentCapabilities, w.did.capabilities)),
}

export const readableData: Safety<FlowWorld> = {
  id: '63',
  name: 'readable-data',
  sentence: "No end drops its peer's data because it expects another checksum.",
  source: 'RFC 9293 3.1',
  holds: w => w.did.unreadable === 0,
}
