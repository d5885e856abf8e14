/** For tests: JSON whose structure is wrong, so that mutants reach behind the parser. */
import { must } from '../../checker/text/at.ts'
import type { Mutations } from '../../impl/controller/testing/mutations.ts'

/** A key or a value. */
interface Span {
  readonly start: number
  readonly end: number
  readonly isKey: boolean
  /** Where the member of an object begins that this is the value of; else as `start`. */
  readonly from: number
}

/** A text with the places of its keys and values. */
export interface Marked {
  readonly text: string
  readonly spans: readonly Span[]
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[[\]{}]|[^\s,:[\]{}"]+/g

export function mark(text: string): Marked {
  const spans: Span[] = []
  const open: { start: number; from: number }[] = []
  /** Where the key of the next value begins. */
  let key: number | undefined
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    const end = index + token.length
    const begun = { start: index, from: key ?? index }
    const isKey = text[end] === ':'
    key = isKey ? index : undefined
    if (token === '[' || token === '{') open.push(begun)
    else if (token === ']' || token === '}') spans.push({ ...must(open.pop()), end, isKey: false })
    else spans.push({ ...begun, end, isKey })
  }
  return { text, spans }
}

/** Depths near the limit of decoders, and far beyond it. */
const DEPTHS = [1, 2, 30, 31, 32, 33, 5000]
const NUMBERS = ['-1', '0', '-0', '0.5', '255', '65536', '4294967295', '4294967296', '1e21', '1e400']
/** Also changes the text of one mutant of so many: cuts it off, or changes a bit or a bracket. */
const TEXT_ONE_IN = 8

/** Changes one to three keys or values, in places that do not overlap. */
export function mutateJson(mutations: Mutations, marked: Marked): string {
  const chosen = Array.from({ length: 1 + mutations.below(3) }, () => mutations.pick(marked.spans))
  let mutant = marked.text
  let before = mutant.length
  for (const span of chosen.sort((a, b) => b.start - a.start)) {
    // The comma behind it may go with it.
    if (span.end + 1 > before) continue
    before = span.from
    mutant = change(mutations, mutant, span, marked)
  }
  return mutations.below(TEXT_ONE_IN) === 0 ? mutations.change(mutant) : mutant
}

function change(mutations: Mutations, mutant: string, span: Span, { text, spans }: Marked): string {
  const { start, end, from, isKey } = span
  const put = (value: string): string => mutant.slice(0, start) + value + mutant.slice(end)
  const others = spans.filter(other => other.isKey === isKey)
  const other = mutations.pick(others)
  const otherText = text.slice(other.start, other.end)
  if (isKey) return put(mutations.below(4) === 0 ? '"__proto__"' : otherText)
  const value = text.slice(start, end)
  switch (mutations.below(7)) {
    case 0:
      return put(otherText)
    case 1:
      return `${mutant.slice(0, end)},${text.slice(from, end)}${mutant.slice(end)}`
    case 2: {
      const isLast = mutant[end] !== ','
      return mutant.slice(0, from).replace(isLast ? /,\s*$/ : /$^/, '') + mutant.slice(isLast ? end : end + 1)
    }
    case 3: {
      const depth = mutations.pick(DEPTHS)
      return put('['.repeat(depth) + value + ']'.repeat(depth))
    }
    case 4:
      return put(mutations.pick(NUMBERS))
    case 5:
      return put(
        /^-?\d+$/.test(value) ? String(Number(value) + mutations.pick([-1, 1, 256, 2 ** 31])) : otherText,
      )
    default:
      return put(mutations.value())
  }
}
