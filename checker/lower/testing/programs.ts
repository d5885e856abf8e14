/**
 * Random bodies of rules: assignments to variables, arrays and structures by known and unknown index, locals,
 * branches, early returns, loops, and helpers that change the world during the evaluation of an expression. The
 * tests run each body as plain JavaScript and compare the lowered body with it.
 */

import fc from 'fast-check'
import { bits, type View } from '../value.ts'

const leaf = bits(4)
export const shape = {
  a: bits(4, 3),
  b: bits(4, 5),
  list: [bits(4, 1), bits(4, 9), leaf],
  pairs: [
    { x: bits(4, 2), y: leaf },
    { x: leaf, y: bits(4, 7) },
  ],
}
export type World = View<typeof shape>

/** Returns what was there before. */
const swap = (w: World, x: number) => {
  const old = w.a
  w.a = x & 15
  return old
}

/** Its argument may have been read from what it stores. */
const shift = (w: World, x: number) => {
  w.list[0] = ((w.list[1] as number) + 1) & 15
  w.list[1] = ((w.list[2] as number) + x) & 15
  return x
}

/** An expression whose arguments are evaluated before it. */
const give = (w: World, x: number) => swap(w, x + 1) + x

const early = (w: World, x: number) => {
  if (x > 7) {
    if (w.b > 3) return 1
    w.b = 4
  }
  for (const { x: part } of w.pairs) if (part > 2) w.b = (w.b + part) & 15
  return x & 3
}

const raise = (pair: World['pairs'][number]) => {
  const { x, y } = pair
  pair.x = y
  pair.y = (x + y) & 15
  return pair.x + x
}

/** The names that the programs may use. */
export const scope = { THREE: 3, swap, shift, give, early, raise }

const NUMBERS = [
  'w.a',
  'w.b',
  'w.list[0]',
  'w.list[2]',
  'w.pairs[0].x',
  'w.pairs[1].y',
  'k',
  'l',
  'THREE',
  '2',
  '11',
]
const CELLS = ['w.a', 'w.b', 'w.list[1]', 'w.pairs[0].x', 'w.pairs[1].y', 'l']

const { body } = fc.letrec<{ expr: string; test: string; stmt: string; body: string }>(tie => {
  const expr = tie('expr')
  const two = (a: fc.Arbitrary<string>, ops: readonly string[]) =>
    fc.tuple(a, fc.constantFrom(...ops), a).map(([l, op, r]) => `(${l} ${op} ${r})`)
  const call = (name: string) => expr.map(e => `${name}(w, ${e})`)
  const loops = fc.constantFrom(
    (s: string) => `for (const item of w.list) { l = (l + item) & 15; ${s} }`,
    (s: string) => `for (const item of [w.a, l, w.list[1]]) { ${s}; l = item }`,
    (s: string) => `for (let i = 0; i < w.list.length; i++) { w.list[i] = (w.list[i] + i) & 15; ${s} }`,
    (s: string) => `for (const p of w.pairs) { p.x = (p.x + p.y) & 15; ${s} }`,
  )
  return {
    test: fc.oneof(
      { maxDepth: 2 },
      two(expr, ['===', '!==', '<', '>=']),
      two(tie('test'), ['&&', '||']),
      tie('test').map(t => `!${t}`),
    ),
    expr: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom(...NUMBERS, ...NUMBERS, ...NUMBERS),
      two(expr, ['+', '-', '*', '&', '|', '&&', '||']),
      expr.map(e => `w.list[(${e} & 15) % 3]`),
      expr.map(e => `[w.b, ${e}, l][w.a % 3]`),
      fc.tuple(tie('test'), expr, expr).map(([t, y, n]) => `(${t} ? ${y} : ${n})`),
      tie('test').map(t => `+${t}`),
      fc.constantFrom('swap', 'shift', 'give', 'early').chain(call),
      fc.constantFrom('raise(w.pairs[0])', 'raise(w.pairs[1])'),
      fc.constantFrom(...NUMBERS).map(e => `w.list.map(n => n + ${e})[1]`),
      fc
        .tuple(expr, expr)
        .map(([p, q]) => `{ p: ${p}, q: ${q} }.q`)
        .map(e => `(${e})`),
    ),
    stmt: fc.oneof(
      { maxDepth: 3 },
      fc.tuple(fc.constantFrom(...CELLS), expr).map(([c, e]) => `${c} = (${e}) & 15;`),
      fc.tuple(expr, expr).map(([i, e]) => `w.list[(${i} & 15) % 3] = (${e}) & 15;`),
      fc
        .tuple(fc.constantFrom('+=', '-=', '*=', '|='), fc.constantFrom(...NUMBERS))
        .map(([op, e]) => `l ${op} ${e}; l = l & 15;`),
      fc.constantFrom('l++; l = l & 15;', 'swap(w, l);', 'raise(w.pairs[1]);'),
      fc.tuple(tie('test'), tie('body'), tie('body')).map(([t, y, n]) => `if (${t}) { ${y} } else { ${n} }`),
      fc.tuple(tie('test'), tie('body')).map(([t, y]) => `if (${t}) { ${y} return; }`),
      fc
        .tuple(tie('test'), tie('body'))
        .map(([t, y]) => `{ const k = l; if (${t}) { ${y} return; } l = k; }`),
      tie('test').map(t => `${t} && swap(w, 6);`),
      fc.tuple(loops, fc.constantFrom(...CELLS), expr).map(([loop, c, e]) => loop(`${c} = (${e}) & 15;`)),
    ),
    body: fc.array(tie('stmt'), { minLength: 1, maxLength: 3 }).map(list => list.join(' ')),
  }
})

/** The text of a rule's `take`. */
export const programs: fc.Arbitrary<string> = fc
  .array(body, { minLength: 1, maxLength: 3 })
  .map(list => `w => { const k = w.a + w.b; let l = w.list[0]; ${list.join(' ')} w.b = l & 15 }`)

export const load = (text: string) =>
  new Function(...Object.keys(scope), `return ${text}`)(...Object.values(scope)) as (w: World) => void
