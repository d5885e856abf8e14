/** Invariants of how hops resolve and forward a first packet. */

import { at } from '../../../checker/text/at.ts'
import { invariantsOf, type Safety } from '../invariant.ts'
import { hopsOf, unpackPath } from './path.ts'
import { EVERYBODY, type ResolutionWorld } from './state.ts'
import { agrees, mayLead } from './terms.ts'

export const longestPrefix: Safety<ResolutionWorld> = {
  id: '43',
  name: 'longest-prefix',
  sentence:
    'Resolution picks the rules of the longest matching prefix, and of those the set with the highest priority; without a matching rule it picks none. A listener at a prefix gets no packets for a keyed service.',
  source: 'Serval paper 3.2',
  holds: w =>
    (w.did.decided === 0 || mayLead(w.did.plain, w.did.length, w.did.service)) &&
    w.forwarder.every(
      h =>
        h.address !== w.did.hop ||
        h.rule.every(
          r =>
            r.weight === 0 ||
            !mayLead(r.plain, r.length, w.did.service) ||
            !agrees(r.prefix, r.length, w.did.service) ||
            (w.did.unmatched === 0 &&
              (w.did.decided === 0 ||
                r.length < w.did.length ||
                (r.length === w.did.length && r.priority <= w.did.priority))),
        ),
    ),
}

export const noForwardingLoop: Safety<ResolutionWorld> = {
  id: '46',
  name: 'no-forwarding-loop',
  sentence:
    'A forwarded packet visits no address twice and has a bounded number of hops. A packet that arrived by broadcast is not forwarded, delayed or refused.',
  source: 'Serval paper 3.2',
  holds: w =>
    ((w.did.sentTo === 0 && w.did.delayed === 0 && w.did.refused === 0) ||
      unpackPath(w.did.packet).to !== EVERYBODY) &&
    w.net.every(
      packet =>
        hopsOf(unpackPath(packet)) <= at(w.forwarder, 0).mostHops &&
        unpackPath(packet).sources.every(
          (source, i) =>
            source === 0 ||
            (source !== unpackPath(packet).to &&
              unpackPath(packet).sources.every((other, j) => i === j || other !== source)),
        ),
    ),
}

export const resolutionInvariants = invariantsOf([longestPrefix, noForwardingLoop], [])
