/** What a file's decoder refused, in words. */
import type * as t from 'io-ts'

/** The first thing that is wrong, in words; alternatives of a union count as one. */
export function report(errors: t.Errors, whole: string): string {
  const { context, value } = errors[0]!
  const parts = context.filter((_, at) => !isBranch(context[at - 1]))
  const path = parts.slice(1).map(({ key }) => (/^\d+$/.test(key) ? `[${key}]` : `.${key}`))
  const where = path.join('').replace(/^\./, '') || whole
  const expected = parts.at(-1)!.type.name
  return value === undefined ? `${where} is missing` : `${where} is ${shown(value)} and should be ${expected}`
}

/** Members of unions and intersections are no part of the path. */
const isBranch = (entry: t.ContextEntry | undefined): boolean => {
  const tag = (entry?.type as { _tag?: string } | undefined)?._tag
  return tag === 'UnionType' || tag === 'IntersectionType'
}

/** Of a value that is wrong. */
const SHOWN_CHARACTERS = 40

export const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}...` : text
}
