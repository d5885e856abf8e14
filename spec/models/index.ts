/** The models, in the order in which they are listed. */
import { anycast } from './anycast.ts'
import { crossing } from './crossing.ts'
import { delay } from './delay/model.ts'
import { flood } from './flood.ts'
import { halfClosed } from './half-closed.ts'
import { handshake } from './handshake.ts'
import type { Model } from './model.ts'
import { offPath } from './off-path.ts'
import { prototypeServer } from './prototype-server.ts'
import { registration } from './registration/model.ts'
import { rendezvous } from './rendezvous/model.ts'
import { replay } from './replay.ts'
import { resolution } from './resolution/model.ts'
import { twoClients } from './two-clients.ts'
import { twoParty } from './two-party.ts'

export const models: readonly Model[] = [
  ...[handshake, flood, prototypeServer, twoParty, halfClosed],
  ...[crossing, twoClients, anycast, offPath, replay],
  ...[rendezvous, resolution, delay, registration],
]
