/**
 * Defines which rules of a service table may decide: those of the longest matching prefix and, among them, of the
 * highest priority (invariant 43). Among several, chance decides in proportion to weight. A rule of weight 0 counts as
 * absent. Real tables compute the same with indexes.
 */
export interface PrefixRule {
  /** The number of serviceID bits in the prefix. */
  readonly length: number
  readonly prefix: number
  readonly priority: number
  readonly weight: number
  /** 1 if it leads to a listener: at a prefix, it does not cover keyed services. */
  readonly plain: number
}

/** The requested service. */
export interface Asked {
  readonly service: number
  /** The number of bits of a serviceID. */
  readonly width: number
  /** 1 if it contains the hash of a key: only the key's holder may answer. */
  readonly keyed: number
}

/** True if a rule covers this service. */
export const matches = (rule: PrefixRule, asked: Asked): boolean =>
  rule.weight > 0 &&
  asked.service >> (asked.width - rule.length) === rule.prefix &&
  (rule.plain === 0 || asked.keyed === 0 || rule.length === asked.width)

/** True if `rule` takes precedence over `other`, when both match. */
export const beats = (rule: PrefixRule, other: PrefixRule): boolean =>
  rule.length > other.length || (rule.length === other.length && rule.priority > other.priority)

/** True if `rule`, one of `rules`, may decide for this service. */
export const mayDecide = (rules: readonly PrefixRule[], rule: PrefixRule, asked: Asked): boolean =>
  matches(rule, asked) && rules.every(other => !matches(other, asked) || !beats(other, rule))
