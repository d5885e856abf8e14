import { expect, test } from 'vitest'
import { actionText } from './wording.ts'

/** An action whose params have the given source, which no tool has touched. */
function withSource(source: string): string {
  return actionText({
    type: 'send',
    params: Object.assign(
      (
        () => () =>
          0
      )(),
      { toString: () => source },
    ),
  })
}

test('comments, line ends and leftovers of type stripping are removed', () => {
  const source = `({ context }        ) => ({
    kind: FIN, // why
    /* and
       how */ verno: context.sndNxt,
  })`
  expect(withSource(source)).toBe('send(kind: FIN, verno: sndNxt)')
})

test('names that vitest rewrote are restored', () => {
  const source =
    '({event}) => ({ kind: __vite_ssr_import_0__.FIN, verno: (0, __vite_ssr_import_1__.next)(event.verno) })'
  expect(withSource(source)).toBe('send(kind: FIN, verno: next(verno))')
})

test('quotes of strings are removed, commas of calls are kept', () => {
  expect(withSource(`() => ({ kind: max(1, 2), why: 'reset' })`)).toBe('send(kind: max(1, 2), why: reset)')
})

test('named functions are shown by their name', () => {
  const answer = ({ event }: { event: { from: number } }) => ({ to: event.from })
  expect(actionText({ type: 'transmit', params: answer })).toBe('transmit(answer)')
})

test('numbers are shown by name where they have one', () => {
  const names = { notice: ['', 'connected'] }
  const shown = [1, 7].map(notice => actionText({ type: 'notify', params: { notice } }, names))
  expect(shown).toEqual(['notify(connected)', 'notify(7)'])
  expect(actionText({ type: 'notify', params: { other: 1 } }, names)).toBe('notify(1)')
})
