/**
 * Which rules of a service table may decide: those of the longest prefix that matches and, among them, of the highest
 * priority (invariant 43). Among several of these chance decides, in proportion to weight. A rule of weight 0 is as good
 * as not there. What a real table computes with indexes, these say.
 */
export interface PrefixRule {
  /** Bits of a serviceID that the prefix has. */
  readonly length: number
  readonly prefix: number
  readonly priority: number
  readonly weight: number
  /** 1 when it leads to who listens: at a prefix, that is for no service that certifies itself. */
  readonly plain: number
}

/** What is asked for. */
export interface Asked {
  readonly service: number
  /** Bits of a serviceID. */
  readonly width: number
  /** 1 when it carries the hash of a key: only who has that may answer. */
  readonly keyed: number
}

/** Whether a rule is for this service. */
export const matches = (rule: PrefixRule, asked: Asked): boolean =>
  rule.weight > 0 &&
  asked.service >> (asked.width - rule.length) === rule.prefix &&
  (rule.plain === 0 || asked.keyed === 0 || rule.length === asked.width)

/** Whether `rule` decides and not `other`, when both match. */
export const beats = (rule: PrefixRule, other: PrefixRule): boolean =>
  rule.length > other.length || (rule.length === other.length && rule.priority > other.priority)

/** Whether `rule`, one of `rules`, may decide for this service. */
export const mayDecide = (rules: readonly PrefixRule[], rule: PrefixRule, asked: Asked): boolean =>
  matches(rule, asked) && rules.every(other => !matches(other, asked) || !beats(other, rule))
