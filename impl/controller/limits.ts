/** Limits between controllers and hosts. */

/** Characters of a host's line: statistics of 500 instances. */
export const LINE_LIMIT_CHARS = 65_536
/** Characters of a controller's line: 1,024 targets of one service, or a page of a listing. */
export const ANSWER_LIMIT_CHARS = 524_288

/** Values in the JSON of a line: of a host, statistics of 500 instances; of a controller, 1,024 targets with their parts. */
export const QUESTION_VALUES = 4096
export const ANSWER_VALUES = 16_384

/** The default lease. A host renews it three times per lease. */
export const LEASE_MS = 30_000
export const REFRESHES_PER_LEASE = 3
export const LEAST_LEASE_MS = 1000
export const LONGEST_LEASE_MS = 3_600_000

/** A certificate is valid for this many leases: clocks may differ by one lease, and a replay extends none beyond it. */
export const CERTIFICATE_LEASES = 2

/**
 * The highest priority and weight that a plain name may register. No host can outrank the other instances of the name.
 * With this weight it still gets nearly all flows among instances of the default weight.
 */
export const PLAIN_PRIORITY_LIMIT = 100
export const PLAIN_WEIGHT_LIMIT = 1024

/** Leases that one line renews. */
export const RENEWALS_AT_ONCE = 2048
/** Lines with renewals that a host remembers until they are answered: those of a minute. */
export const RENEWALS_UNANSWERED = 600

/** How long an ended instance is remembered, ms: longer than an idle connection lives. */
export const KEEP_MS = 180_000

/** How long an evicted instance is remembered while its host is silent, ms: longer than any outage of its network should be. */
export const EVICTED_KEEP_MS = 86_400_000
/**
 * The shortest prefix that hosts may register, in bits: a first part, the provider's. Only operators may add shorter
 * ones.
 */
export const LEAST_PREFIX_BITS = 32

/** Registrations of a controller: about 100 MB. */
export const REGISTRATIONS_LIMIT = 131_072
/** Registrations of one host address: a host that registers without end fills only its own share. */
export const REGISTRATIONS_PER_HOST = 32_768
/** Evicted instances: an operator evicts few, or all those of a host that registered as many as it may. */
export const EVICTED_LIMIT = 2 * REGISTRATIONS_PER_HOST
/** Orders about instances that the registry stores at a time. */
export const ORDERS_AT_ONCE = 64
/** Ended and remembered registrations of one host address: enough to restart all its services twice. */
export const GONE_PER_HOST = 65_536
/** Ended and remembered registrations in all: with the current ones about 300 MB. */
export const GONE_LIMIT = 262_144
export const ALL_LIMIT = REGISTRATIONS_LIMIT + GONE_LIMIT
/** Services of whose changes one host is notified. Beyond that, the controller drops the oldest, and the host asks again. */
export const ASKED_LIMIT = 4096
/** The same for all hosts of a controller: about 50 MB. */
export const ASKED_IN_ALL = 131_072
/** A host forgets a service after this long without use, and asks again when needed, ms. */
export const UNUSED_MS = 600_000
/** Connected hosts, in all and of one IPv4 address or IPv6 /64: a site behind one address. */
export const PEERS_LIMIT = 4096
export const PEERS_OF_SOURCE = 256
/** A host that has been silent for this long gives way to another of its source, ms. */
export const PEER_IDLE_MS = 30_000
/** How often a controller checks for silent connections, ms. It ends one that has sent no valid line at the third check. */
export const SWEEP_MS = 15_000
/** Unusable lines before a connection is ended. */
export const MISTAKES_LIMIT = 16
/** Rules added by operators. */
export const STANDING_LIMIT = 8192
/** Rows on a page of a listing, and instances examined for it, because ended ones are omitted. */
export const LISTING_ROWS = 256
export const LISTING_LOOKS = 4096
/** Routers whose addresses a summary names, and characters of a failure in it: with a page it fits a line. */
export const ROUTERS_SHOWN = 32
export const FAILURE_SHOWN_CHARS = 400
/** Pages of a listing that a client accepts from one controller. */
export const LISTING_PAGES = 4096

/** The priority of an instance that names none. */
export const INSTANCE_PRIORITY = 100
export const INSTANCE_WEIGHT = 1
/** The priority that instances in the asking host's own network start from: they precede all others. */
export const NEAR_PRIORITY = 10_000

/** How long an instance started on demand may take to register, ms. */
export const START_LIMIT_MS = 30_000
/** The pause after a failed start, ms. */
export const START_PAUSE_MS = 5000

/** How often a command may run, after an initial burst: a client may ask for every name below its prefix. */
export const STARTS_PER_SECOND = 1
export const STARTS_AT_ONCE = 4
/** Programs of one controller that run at once, and services that wait for one command. */
export const STARTS_RUNNING = 64
export const STARTS_WAITING = 1024

/** A connection that is idle for this long is checked, ms. */
export const PEER_SILENT_MS = 10_000

/** How many failed starts are kept for inspection. */
export const FAILURES_KEPT = 16

/** How long a probe of an instance waits for an answer, and when an ejected instance is probed again. */
export const PROBE_MS = 1000
export const PROBE_AGAIN_MS = 5000
/** How long reports about an instance are ignored after it was probed: a liar costs at most one probe in this time. */
export const PROBE_PAUSE_MS = 1000
/** Probes in flight, and instances that are ejected or were probed lately: each has a timer. */
export const PROBES_AT_ONCE = 64
export const PROBES_LIMIT = 4096

/** The pause before a registry that failed is tried again for an expired lease, ms. */
export const RETRY_MS = 1000
