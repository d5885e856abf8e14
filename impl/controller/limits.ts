/** What controllers and hosts allow each other. */

/** Characters of a host's line: 500 statistics. */
export const LINE_LIMIT_CHARS = 65_536
/** Characters of a controller's line: 1,024 targets of one service, or a page of a listing. */
export const ANSWER_LIMIT_CHARS = 524_288

/** Values in the JSON of a host's line, and of a controller's: statistics of 500 instances, 1,024 targets, each with its parts. */
export const QUESTION_VALUES = 4096
export const ANSWER_VALUES = 16_384

/** A lease, if a host does not say. It is refreshed three times as often as it ends. */
export const LEASE_MS = 30_000
export const REFRESHES_PER_LEASE = 3
export const LEAST_LEASE_MS = 1000
export const LONGEST_LEASE_MS = 3_600_000

/** A certificate holds for so many leases: clocks may differ by one lease, and a replay prolongs none beyond it. */
export const CERTIFICATE_LEASES = 2

/**
 * The highest priority and weight that a plain name may register: the priority is that of an instance that names none, so
 * that nobody can attract all flows of a name that others serve too.
 */
export const PLAIN_PRIORITY_LIMIT = 100
export const PLAIN_WEIGHT_LIMIT = 1024

/** What is kept of an instance that is gone, ms: longer than a connection that carries nothing lives. */
export const KEEP_MS = 180_000

/** Bits of a prefix that hosts may register: a first part, the provider's. What is shorter is the operator's matter. */
export const LEAST_PREFIX_BITS = 32

/** Registrations that a controller has at once: some 100 MB. */
export const REGISTRATIONS_LIMIT = 131_072
/** Of those, for one host address: one that registers without end fills its own share only. */
export const REGISTRATIONS_PER_HOST = 16_384
/** Registrations that are gone and still remembered, of one host address: it may start all of its services anew, several times. */
export const GONE_PER_HOST = 65_536
/** The same of all hosts, and both together: some 300 MB. */
export const GONE_LIMIT = 262_144
export const ALL_LIMIT = REGISTRATIONS_LIMIT + GONE_LIMIT
/** Services that one host keeps hearing of: of more, those that it asked for first are forgotten, and can be asked for again. */
export const ASKED_LIMIT = 4096
/** The same, of all hosts of a controller: some 50 MB. */
export const ASKED_IN_ALL = 131_072
/** What a host has asked for and did not use for so long it forgets; it asks again, ms. */
export const UNUSED_MS = 600_000
/** Hosts that are connected at once, and those of one IPv4 address or IPv6 network of 64 bits: a site behind one address. */
export const PEERS_LIMIT = 4096
export const PEERS_OF_SOURCE = 256
/** A host that has said nothing for so long gives way to another one of its source, ms. */
export const PEER_IDLE_MS = 30_000
/** How often a controller looks for silent connections, ms. It ends one that has said no valid line at the third look. */
export const SWEEP_MS = 15_000
/** Lines that cannot be used, before a connection is ended. */
export const MISTAKES_LIMIT = 16
/** Rules that operators have added. */
export const STANDING_LIMIT = 8192
/** Rows on a page of a listing, and instances that are looked at for one: those that are gone are left out. */
export const LISTING_ROWS = 256
export const LISTING_LOOKS = 4096
/** Pages of a listing that a client takes from one controller. */
export const LISTING_PAGES = 4096

/** An instance that does not say its own. */
export const INSTANCE_PRIORITY = 100
export const INSTANCE_WEIGHT = 1
/** Above it are instances of the asking host's own network: they come before all others. */
export const NEAR_PRIORITY = 10_000

/** How long an instance that is started on demand may take, ms. */
export const START_LIMIT_MS = 30_000
/** After a start that came to nothing the next waits so long, ms. */
export const START_PAUSE_MS = 5000

/** How often a command is run, after so many times at once: somebody may ask for every name below its prefix. */
export const STARTS_PER_SECOND = 1
export const STARTS_AT_ONCE = 4
/** Programs of one controller that run at once, and services that wait for the programs of one command. */
export const STARTS_RUNNING = 64
export const STARTS_WAITING = 1024

/** A connection that carries nothing for so long is looked at, ms. */
export const PEER_SILENT_MS = 10_000

/** Services that could not be started, remembered for who looks. */
export const FAILURES_KEPT = 16
