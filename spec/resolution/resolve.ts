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
}

/** Whether a rule is for this service; serviceIDs have `width` bits. */
export const matches = (rule: PrefixRule, service: number, width: number): boolean =>
  rule.weight > 0 && service >> (width - rule.length) === rule.prefix

/** Whether `rule` decides and not `other`, when both match. */
export const beats = (rule: PrefixRule, other: PrefixRule): boolean =>
  rule.length > other.length || (rule.length === other.length && rule.priority > other.priority)

/** Whether `rule`, one of `rules`, may decide for this service. */
export const mayDecide = (
  rules: readonly PrefixRule[],
  rule: PrefixRule,
  service: number,
  width: number,
): boolean =>
  matches(rule, service, width) &&
  rules.every(other => !matches(other, service, width) || !beats(other, rule))
