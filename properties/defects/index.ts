/** The defects that can be put back by name. */

import { challengeDefects } from './challenge.ts'
import { connectionDefects } from './connections.ts'
import type { Defect } from './defect.ts'
import { joinDefects } from './joins.ts'
import { keepingDefects } from './keeping.ts'
import { negotiationDefects } from './negotiation.ts'
import { outputDefects } from './outputs.ts'
import { overlapDefects } from './overlap.ts'
import { prototypeDefects } from './prototype.ts'
import { punchingDefects } from './punching.ts'
import { registrationDefects } from './registration.ts'
import { seededDefects } from './seeded.ts'
import { serviceDefects } from './service.ts'
import { slowDefects } from './slow.ts'

export type { Defect }
export const defects: readonly Defect[] = [
  ...prototypeDefects,
  ...seededDefects,
  ...negotiationDefects,
  ...challengeDefects,
  ...outputDefects,
  ...overlapDefects,
  ...joinDefects,
  ...connectionDefects,
  ...serviceDefects,
  ...punchingDefects,
  ...registrationDefects,
  ...keepingDefects,
  ...slowDefects,
]
