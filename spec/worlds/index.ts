/** The models, in the order in which they are listed. */

import { delay } from './delay/model.ts'
import { anycast } from './flow/models/anycast.ts'
import { challenge } from './flow/models/challenge.ts'
import { crossing } from './flow/models/crossing.ts'
import { flood } from './flow/models/flood.ts'
import { halfClosed } from './flow/models/halfClosed.ts'
import { handshake } from './flow/models/handshake.ts'
import { lyingPeer } from './flow/models/lyingPeer.ts'
import { makeBeforeBreak } from './flow/models/makeBeforeBreak.ts'
import { negotiation } from './flow/models/negotiation.ts'
import { offPath } from './flow/models/offPath.ts'
import { prototypeServer } from './flow/models/prototypeServer.ts'
import { reflection } from './flow/models/reflection.ts'
import { replay } from './flow/models/replay.ts'
import { restart } from './flow/models/restart.ts'
import { translator } from './flow/models/translator.ts'
import { twoClients } from './flow/models/twoClients.ts'
import { twoParty } from './flow/models/twoParty.ts'
import { flows } from './flows/model.ts'
import { joinAttack, joining } from './joining/model.ts'
import { keeping } from './keeping/model.ts'
import type { Model } from './model.ts'
import { punching } from './punching/model.ts'
import { eviction, registration } from './registration/model.ts'
import { rendezvous } from './rendezvous/model.ts'
import { resolution } from './resolution/model.ts'
import { seeking } from './seeking/model.ts'

/** All models of SAL. */
export const models: readonly Model[] = [
  ...[handshake, negotiation, flood, reflection, prototypeServer, twoParty, halfClosed],
  ...[crossing, challenge, makeBeforeBreak, restart, translator],
  ...[twoClients, anycast, seeking, offPath, replay, lyingPeer],
  ...[joining, joinAttack, flows],
  ...[rendezvous, punching, resolution, delay, registration, eviction, keeping],
]
