/** Classes of mutants that no trial catches, with the reason for each. */

/** A class of survivors, by what their names have in common. */
interface Class {
  readonly reason: string
  readonly names: RegExp
}

/** Effects that worlds leave out, and what catches their mutants today. */
const unmodeled: readonly Class[] = [
  {
    reason:
      'Worlds model nothing that this effect does: what the host and the transport keep of a packet. The tests of impl/host and impl/transport do.',
    names:
      /: (readSynAck|readAck|challenge|keep) (removed|replaced by (renew|linger|arm|readSynAck|readAck|challenge|keep))$/,
  },
  {
    reason:
      'Worlds do not read why a packet is dropped or evicted, or a flow refused: hosts count it under that name. The tests of spec/machines/resolution and spec/machines/connection compare the reasons.',
    names: /: (drop|evict|purge|reject) \d+ replaced by (drop|evict|purge|reject) \d+$/,
  },
  {
    reason:
      'A packet that a hop drops was never put anywhere in the world, so nothing remains of it either way. spec/machines/resolution/machines.test.ts compares the verdicts.',
    names: /^forwarder\.OPEN \w+( #\d+)?: drop \d+ removed$/,
  },
  {
    reason:
      'Worlds do not model the timers of leases and records, nor how a controller tells a host that its registration is stale or rejected. spec/machines/registration/machines.test.ts does.',
    names:
      /^(registrar|registrant)\..*: (lease|keep|stale|reject|rest|release) (removed|replaced by (lease|keep|stale|reject|rest|release|confirm))$/,
  },
  {
    reason:
      "In worlds a controller's timer may fire whenever its event is enabled, armed or not. spec/machines/resolution/machines.test.ts requires that each query arms it.",
    names: /^delayQueue\..*: arm (removed|replaced by \w+)$/,
  },
]

/** Effects that act on something that they name. The list holds no assignments. */
const NAMING = [
  ...['deliver', 'forward', 'refuse', 'drop', 'hold', 'ask', 'release', 'purge', 'evict'],
  ...['store', 'confirm', 'stale', 'lease', 'reject', 'keep', 'rest', 'register', 'unregister'],
  ...['ignore', 'turn', 'pass', 'relay'],
  ...['abort', 'advertise', 'echo', 'mark', 'close', 'use', 'leave', 'over', 'probe', 'heed', 'adopt'],
  ...['confirmEnd', 'again', 'repeat', 'answer', 'admit', 'offerSyn', 'offerAck', 'join', 'welcome'],
]

/** Mutants that do again what is already done. */
const repeated: readonly Class[] = [
  {
    reason:
      'The effect names what it acts on: a packet, a flow, an entry or a timer. Its second time finds nothing left to do, or sends a copy, as networks do.',
    names: new RegExp(`: (${NAMING.join('|')})( \\d+)? twice$`),
  },
]

/** Mutants whose difference no transition reads. */
const unread: readonly Class[] = [
  {
    reason:
      'The end skips a version. Its peer accepts any newer one: each packet, advertisement and registration carries all that those before it said.',
    names:
      /: (finish|depart|goBack|revise) twice$|^registrant\..*: (renew|revoke) twice$|^flow (finish|depart|goBack): sndNxt is off by one$|^(connection revise|registrant (renew|revoke)): version is off by one$/,
  },
  {
    reason:
      'A connection that is over takes no event, so its registers decide nothing. Invariant 68 requires that it has no flow.',
    names: /^connection forget: \w+ (not stored|is off by one)$/,
  },
  {
    reason:
      'These registers decide only in OPEN: when the other end closes, and whether an advertisement is repeated. The step leads to CLOSING.',
    names:
      /^flows\.OPEN (CLOSE #[12]: finish removed|FIN #1: hear removed|(CLOSE #[12]|FIN #1): settle (removed|replaced by finish))$/,
  },
]

export const classes: readonly Class[] = [...unmodeled, ...repeated, ...unread]
