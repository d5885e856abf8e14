/** The plan of a run of the service plane: who takes part, and what happens to them. */
import * as t from 'io-ts'

export const PLANE_FORMAT = 1

const natural = new t.Type<number>(
  'a whole number',
  (u): u is number => Number.isSafeInteger(u) && (u as number) >= 0,
  (u, c) => (Number.isSafeInteger(u) && (u as number) >= 0 ? t.success(u as number) : t.failure(u, c)),
  t.identity,
)

const whole = new t.Type<number>(
  'a whole number, also below 0',
  (u): u is number => Number.isSafeInteger(u),
  (u, c) => (Number.isSafeInteger(u) ? t.success(u as number) : t.failure(u, c)),
  t.identity,
)

const role = t.keyof({ controller: null, router: null, host: null })
const member = { atMs: natural, role, index: natural }
const during = { atMs: natural, forMs: natural }

const action = t.union([
  /** Ends the process without a word. */
  t.type({ ...member, do: t.literal('kill') }),
  /** Starts it again, if it is down. A controller without `keepsFiles` has lost its journal. */
  t.type({ ...member, do: t.literal('start'), keepsFiles: t.boolean }),
  /** Suspends the process, and continues it later. */
  t.type({ ...member, ...during, do: t.literal('stop') }),
  /** The member and all controllers lose each other's packets. */
  t.type({ ...member, ...during, do: t.literal('cut') }),
  /** Sets the member's clock. */
  t.type({ ...member, do: t.literal('skew'), ms: whole }),
  /** A host ends in order. */
  t.type({ atMs: natural, do: t.literal('leave'), index: natural }),
  t.type({ atMs: natural, do: t.literal('weigh'), index: natural, weight: natural }),
  /** A host gets another address in place of its own. */
  t.type({ atMs: natural, do: t.literal('move'), index: natural }),
  /** The registry does not answer. Of an embedded one, the disk is full. */
  t.type({ ...during, do: t.literal('outage'), keepsData: t.boolean }),
  /** The registry refuses writes. */
  t.type({ ...during, do: t.literal('full') }),
  /** The registry's cluster has no leader: its connections stand. */
  t.type({ ...during, do: t.literal('election') }),
  /** Controllers get no more changes from the registry through the watches that they have. */
  t.type({ atMs: natural, do: t.literal('endWatches') }),
  /** An operator sets the weight of a host's address at a controller. */
  t.type({ atMs: natural, do: t.literal('rule'), index: natural, controller: natural, weight: natural }),
  /** An operator evicts a host's instance at a controller, or admits it again. */
  t.type({ atMs: natural, do: t.literal('evict'), index: natural, controller: natural }),
  t.type({ atMs: natural, do: t.literal('admit'), index: natural, controller: natural }),
])

export const planePlanCodec = t.intersection([
  t.type({
    format: t.literal(PLANE_FORMAT),
    kind: t.literal('plane'),
    seed: natural,
    registry: t.keyof({ embedded: null, nats: null }),
    controllers: natural,
    routers: natural,
    hosts: natural,
    services: natural,
    /** One way, between all members. */
    latencyMs: natural,
    loss: t.number,
    /** From here on nothing happens. */
    calmMs: natural,
    actions: t.array(action),
  }),
  t.partial({ defect: t.string, breaks: t.string }),
])

export type PlanePlan = t.TypeOf<typeof planePlanCodec>
export type PlaneAction = t.TypeOf<typeof action>
export type Role = t.TypeOf<typeof role>
