/** Numbers in sentences and tables. */

/** Returns `12,345`. */
export const count = (value: number): string => Math.round(value).toLocaleString('en-US')

/** Returns `1 model`, `7 models`, `2 properties`. */
export const plural = (n: number, noun: string): string =>
  n === 1 ? `1 ${noun}` : `${count(n)} ${noun.replace(/y$/, 'ie')}s`
