/**
 * Returns a state as rules and labels see it when they run as plain JavaScript: the shape's tree with numbers
 * at its leaves.
 */
import { isLeaf, type Shape, type View } from './value.ts'

/** @param values by variable name, such as `flow[0].sndNxt` */
export function viewOf<S extends Shape>(
  shape: S,
  values: Readonly<Record<string, number>>,
  path = '',
): View<S> {
  const at = (s: Shape, p: string): unknown => {
    if (typeof s === 'number') return s
    if (isLeaf(s)) return values[p]
    if (Array.isArray(s)) return s.map((item, i) => at(item, `${p}[${i}]`))
    return Object.fromEntries(Object.entries(s).map(([k, item]) => [k, at(item, p ? `${p}.${k}` : k)]))
  }
  return at(shape, path) as View<S>
}
