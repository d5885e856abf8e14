/** Bits of a scratch cell. */
export const CELL_BITS = 31

/** The names of locals that may hold more than 32 bits. Printers keep such locals in wider variables. */
export const WIDE = '#wide'

export const isWide = (name: string): boolean => name.endsWith(WIDE)
