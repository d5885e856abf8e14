/** How the caller watches and ends a unit. */
export interface Watch<Progress> {
  /** Ends the unit early. Its reply has the results so far. */
  readonly signal?: AbortSignal
  /** Called several times a second. */
  readonly progress: (progress: Progress) => void
}
