/** Sizes in pixels. Text is measured, not rendered: every font named is fixed-width and none is wider than this. */

export const FONT =
  "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace"

export const FONT_SIZE = 11.5

export const TITLE_SIZE = 14

/** The advance of DejaVu Sans Mono and Menlo, the widest in use, is 0.602 of the size. */
const ADVANCE = 0.602

export const CHARACTER = FONT_SIZE * ADVANCE

export const TITLE_CHARACTER = TITLE_SIZE * ADVANCE

export const LINE = 16

export const TITLE_LINE = 28

export const PADDING = 8
