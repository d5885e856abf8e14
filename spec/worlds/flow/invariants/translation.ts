/** Address translators: what brings a flow back that its translator has forgotten. */
import { CONNECTION } from '../../../machines/flow/states.ts'
import type { Recoverability } from '../../invariant.ts'
import { type FlowWorld, ROLE } from '../state.ts'
import { agree, everyPair, isLive, somePair } from '../terms.ts'

const { CONNECTED } = CONNECTION

export const announcedPath: Recoverability<FlowWorld> = {
  id: '65',
  name: 'announced-path',
  sentence:
    'While a connected client may announce itself once more, the server can find it again behind its translator, wherever that shows it.',
  source: 'RFC 9000 9',
  when: w =>
    somePair(w, (f, g) => f.connection === CONNECTED && g.connection === CONNECTED) &&
    w.flow.some(f => f.role === ROLE.CLIENT && isLive(f) && f.moves < f.mayMove),
  goal: w =>
    somePair(w, (f, g) => f.connection === CONNECTED && g.connection === CONNECTED) &&
    everyPair(w, (f, g) => agree(f, g)),
}
